using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Lava.Build.Tasks;
using Microsoft.Build.Framework;

namespace Lava.Build.Tests.Tasks;

/// <summary>Where the lines run in the code.</summary>
[TestClass]
public sealed class StructureTests
{
    private static readonly Assembly Product = typeof(LavaTask).Assembly;

    private static readonly Type[] Concrete = [.. Product.GetTypes().Where(type => !type.IsAbstract && typeof(ITask).IsAssignableFrom(type))];

    [TestMethod]
    public void Each_task_may_run_beside_others_in_one_process()
    {
        Assert.IsNotEmpty(Concrete);
        foreach (Type task in Concrete)
        {
            // MSBuild looks at the class itself, and inherits nothing.
            Assert.IsTrue(task.GetCustomAttributes(inherit: false).Any(attribute => attribute.GetType().Name == "MSBuildMultiThreadableTaskAttribute"), task.Name);
            Assert.IsTrue(typeof(IMultiThreadableTask).IsAssignableFrom(task), task.Name);
            Assert.IsTrue(typeof(ICancelableTask).IsAssignableFrom(task), task.Name);
            Assert.IsNotNull(task.GetConstructor(Type.EmptyTypes), task.Name);
            Assert.IsTrue(task is { IsSealed: true, IsPublic: true, Namespace: "Lava.Build.Tasks" }, task.Name);
        }
    }

    [TestMethod]
    public void Each_UsingTask_names_a_task_and_each_task_has_one()
    {
        string[] used =
        [
            .. Repository.Files("src/Lava.Build.Sdk")
                .Where(file => Path.GetExtension(file) is ".targets" or ".props")
                .SelectMany(file => XDocument.Load(file).Descendants("UsingTask"))
                .Select(element => element.Attribute("TaskName")!.Value)
                .Order(StringComparer.Ordinal),
        ];
        CollectionAssert.AreEqual(Concrete.Select(task => task.FullName).Order(StringComparer.Ordinal).ToArray(), used);
    }

    [TestMethod]
    public void Each_parameter_that_targets_give_a_task_is_one_of_its_own()
    {
        int seen = 0;
        foreach (XElement element in Repository.Files("src/Lava.Build.Sdk", "*.targets").SelectMany(file => XDocument.Load(file).Descendants("Target").Elements()))
        {
            if (Concrete.FirstOrDefault(task => task.Name == element.Name.LocalName) is { } task)
            {
                string[] given = [.. element.Attributes().Select(attribute => attribute.Name.LocalName).Where(name => name is not ("Condition" or "ContinueOnError"))];
                string[] known = [.. task.GetProperties().Select(property => property.Name)];
                string[] required = [.. task.GetProperties().Where(property => property.IsDefined(typeof(RequiredAttribute))).Select(property => property.Name)];
                Assert.AreEqual("", string.Join(' ', given.Except(known)), task.Name);
                Assert.AreEqual("", string.Join(' ', required.Except(given)), task.Name);
                Assert.AreEqual("", string.Join(' ', element.Elements("Output").Select(output => output.Attribute("TaskParameter")!.Value).Except(known)), task.Name);
                seen++;
            }
        }

        Assert.IsGreaterThanOrEqualTo(Concrete.Length, seen);
    }

    /// <summary>
    /// A clock that somebody sets, or a time server, may jump by years: what a supervisor decides by it would be wrong once, in a way that a
    /// test shows only of what it thinks of. So times of day are only written down, for people.
    /// </summary>
    [TestMethod]
    public void Whoever_looks_after_services_decides_nothing_by_the_time_of_day()
    {
        Regex time = new(@"\bDateTime(Offset)?\b|\.Since\b|WriteTime|TimeProvider");
        string[] shown = ["StateFile.cs", "StatusReport.cs", "InstanceState.cs"];
        string[] deciding =
        [
            .. Repository.Files("src/Lava.Build.Tasks/Services/Supervision", "*.cs")
                .Where(file => !shown.Contains(Path.GetFileName(file)))
                .SelectMany(file => File.ReadLines(file)
                    .Select(line => line.Replace("Since = DateTime.UtcNow", "", StringComparison.Ordinal))
                    .Where(line => time.IsMatch(line))
                    .Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")),
        ];
        Assert.AreEqual("", string.Join('\n', deciding));

        // The units' script takes seconds since the host started.
        foreach (string template in Repository.Files("src/Lava.Build.Tasks/Services/Systemd/Templates"))
        {
            Assert.DoesNotMatchRegex(@"\bdate\b|\btime\.time\(|datetime", File.ReadAllText(template), template);
        }
    }

    [TestMethod]
    public void Only_the_tasks_know_MSBuild()
    {
        string[] others =
        [
            .. Repository.Files("src/Lava.Build.Tasks", "*.cs")
                .Where(file => !file.Contains("/Tasks/", StringComparison.Ordinal) || !file.StartsWith(Repository.At("src/Lava.Build.Tasks/Tasks/"), StringComparison.Ordinal))
                .Where(file => File.ReadAllText(file).Contains("Microsoft.Build", StringComparison.Ordinal)),
        ];
        Assert.IsEmpty(others, string.Join(' ', others));
        Assert.IsTrue(Product.GetTypes()
            .Where(type => type.Namespace?.StartsWith("Lava.Build", StringComparison.Ordinal) == true && type.Namespace != "Lava.Build.Tasks")
            .SelectMany(type => type.GetInterfaces().Append(type.BaseType))
            .All(type => type?.Namespace?.StartsWith("Microsoft.Build", StringComparison.Ordinal) != true));
    }

    [TestMethod]
    public void The_generic_code_knows_no_application()
    {
        string[] files =
        [
            .. Repository.Files("src/Lava.Build.Tasks").Where(file => File.ReadAllText(file).Contains("lava-server", StringComparison.OrdinalIgnoreCase)),
        ];
        Assert.IsEmpty(files, string.Join(' ', files));
    }

    [TestMethod]
    public void Each_public_type_and_member_is_documented()
    {
        XDocument documentation = XDocument.Load(Path.ChangeExtension(Product.Location, ".xml"));
        HashSet<string> documented =
        [
            .. documentation.Descendants("member")
                .Where(member => member.Elements().Any(element => element.Name == "inheritdoc" || element.Value.Trim().Length > 0))
                .Select(member => member.Attribute("name")!.Value),
        ];
        List<string> missing = [];
        foreach (Type type in Product.GetExportedTypes())
        {
            string name = type.FullName!.Replace('+', '.');
            if (!documented.Contains($"T:{name}"))
            {
                missing.Add(name);
            }

            missing.AddRange(type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
                .Where(property => property.Name is not ("EqualityContract" or "Item") && !documented.Contains($"P:{name}.{property.Name}"))
                .Select(property => $"{name}.{property.Name}"));
        }

        Assert.IsEmpty(missing, string.Join(' ', missing));
    }

    [TestMethod]
    public void Programs_are_started_in_one_place_and_those_with_the_terminal_in_another()
    {
        Regex start = new(@"\bProcess\.Start\(|new ProcessStartInfo\b");
        string[] files = [.. Repository.Files("src/Lava.Build.Tasks", "*.cs").Where(file => start.IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileName(file)!)];
        CollectionAssert.AreEquivalent(new[] { "ProcessStarter.cs", "TerminalProgram.cs" }, files);
    }

    [TestMethod]
    public void Programs_that_outlive_a_call_are_started_by_a_supervisor_or_for_one_only()
    {
        string[] files =
        [
            .. Repository.Files("src/Lava.Build.Tasks", "*.cs")
                .Where(file => File.ReadAllText(file).Contains("Posix.Spawn(", StringComparison.Ordinal))
                .Select(file => Path.GetFileName(file)!)
                .Order(StringComparer.Ordinal),
        ];
        CollectionAssert.AreEqual(new[] { "ChildProcesses.cs", "DetachedStart.cs" }, files);
    }
}
