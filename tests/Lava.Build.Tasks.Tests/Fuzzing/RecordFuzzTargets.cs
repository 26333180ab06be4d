using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Lava.Build.Cache;
using Lava.Build.Diagnostics;
using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Python;
using Lava.Build.Releases;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;
using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>A reader of a file that has its place in a directory.</summary>
/// <param name="name">What it is called.</param>
/// <param name="place">The file's place.</param>
/// <param name="seeds">Valid inputs.</param>
/// <param name="read">Reads it, given the directory, and says what came of it; throws nothing but refusals.</param>
internal sealed class PlacedFuzzTarget(string name, string place, IReadOnlyList<byte[]> seeds, Func<string, string> read) : FuzzTarget
{
    private readonly TemporaryDirectory _directory = new();

    internal override string Name => name;

    internal override IEnumerable<byte[]> Seeds() => seeds;

    internal override byte[] Mutate(Random random, byte[] input, byte[] other) => JsonMutations.Mutate(random, input, other);

    internal override Task<string> RunAsync(byte[] input)
    {
        string path = Path.Combine(_directory.Path, place);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, input);
        try
        {
            return Task.FromResult(read(_directory.Path));
        }
        catch (LavaException refusal)
        {
            return Task.FromResult(Outcome(refusal));
        }
    }

    public override void Dispose()
    {
        _directory.Dispose();
        base.Dispose();
    }
}

/// <summary>The readers of what a build or a supervisor wrote, and another program answered.</summary>
internal static class RecordFuzzTargets
{
    private const string RequestId = "0193500000007000800000000000abcd";
    private static readonly DateTime Time = new(2026, 11, 21, 12, 0, 0, DateTimeKind.Utc);
    private static readonly RunHoles Holes = new("/i", "/i/code/r");

    internal static IEnumerable<FuzzTarget> All()
    {
        yield return new PlacedFuzzTarget("services-file", ServicesFile.Path, [Bytes(ServicesFile.ToText(Services()))], ReadServices);
        yield return new PlacedFuzzTarget("state-file", "run/services.json", [StateFile.ToBytes(State())], ReadState);
        yield return new PlacedFuzzTarget(
            "control-request", $"run/services.request.{RequestId}", [Bytes("""{"verb":"restart","services":[]}"""), Bytes("""{"verb":"stop","services":["web","worker"]}""")], ReadRequest);
        yield return new SimpleFuzzTarget(
            "python-answer", [Bytes("/usr/bin/python3.11\n3.11.2\ncpython-311\n"), Bytes("/opt/pypy/bin/pypy3\n3.10.14\npypy310\n")], ReadPython, "\n", ".", "/", " ", "+", "\t", "\r", "\0", "..", "1", "99999999999");
        yield return new ReleaseRecordFuzzTarget();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>As a supervisor goes on with it: every text is used, and the order of starting is found.</summary>
    private static string ReadServices(string release)
    {
        string names = Names(release);
        InstanceServices read = ServicesFile.ReadIfAny(release);
        Assert.AreEqual($"{read.Services.Count}", names);
        foreach (ServiceDescription service in read.Services)
        {
            foreach (string text in (string[])[.. service.Arguments, .. service.Listens, .. service.Environment.Values, .. service.Sandbox.Values, service.Command, service.WorkingDirectory])
            {
                Holes.Fill(text);
            }
        }

        foreach (IReadOnlyDictionary<string, string> variables in read.Steps.Select(step => step.Environment))
        {
            RunHoles.ShellExports(variables);
        }

        Assert.IsTrue(read.Services.All(service => Enum.IsDefined(service.Restart) && Enum.IsDefined(service.OnFailure) && Enum.IsDefined(service.KillMode)));
        Assert.IsTrue(read.Steps.All(step => Enum.IsDefined(step.Once)));
        StartPlan plan = StartPlan.Of(read, [], SourceLocation.None);
        return $"{plan.Services.Count} {plan.Steps.Count} {read.Checks.Count} {plan.Predecessors.Values.Sum(before => before.Count)}";
    }

    private static string Names(string release)
    {
        try
        {
            return $"{ServiceNames.Of(release).Services.Count}";
        }
        catch (LavaException refusal)
        {
            return refusal.Problems[0].Code;
        }
    }

    private static string ReadState(string root)
    {
        InstanceLayout layout = new(root);
        string[] table = [.. StatusReport.OfOthers(layout).Table()];
        Assert.IsFalse(table.Any(line => line.Any(char.IsControl)), string.Join('\n', table));
        if (StateFile.Read(layout) is not { } state)
        {
            return "none";
        }

        Assert.IsTrue(Enum.IsDefined(state.Condition));
        Assert.IsTrue(state.Services.All(service => Enum.IsDefined(service.Condition) && Enum.IsDefined(service.End.Mode)));
        Assert.IsTrue(state.Steps.All(step => Enum.IsDefined(step.Condition)));
        Assert.IsEmpty(new Leftovers(layout, 0, new HashSet<uint>()).Find(state with { Boot = "another" }));

        // What is read is written, and read, as the same again.
        File.WriteAllBytes(StateFile.PathIn(layout), StateFile.ToBytes(state));
        InstanceState again = StateFile.Read(layout)!;
        CollectionAssert.AreEqual(state.Steps.ToArray(), again.Steps.ToArray());
        Assert.AreEqual(state with { Services = [], Steps = [], Since = default }, again with { Services = [], Steps = [], Since = default });
        return $"{state.Condition} {state.Runs} {state.Services.Count} {state.Steps.Count} {state.Services.Count(service => service.Exit is null)} {state.Services.Any(service => service.Process.Lives)}";
    }

    private static string ReadRequest(string root)
    {
        InstanceLayout layout = new(root);
        IReadOnlyList<ControlRequest> found = ControlRequest.Find(layout, null);
        bool stays = Directory.EnumerateFiles(Path.Combine(root, "run")).Any();
        Assert.AreEqual(found.Count > 0, stays);
        if (found.Count == 0)
        {
            return "none";
        }

        Assert.AreEqual(RequestId, found.Single().Id);
        Assert.IsTrue(Enum.IsDefined(found[0].Verb), $"{found[0].Verb}");
        return $"{found[0].Verb} {found[0].Services.Count} {found[0].Services.Count(service => service.Length == 0)}";
    }

    /// <summary>Its version and its tag become names of files.</summary>
    private static string ReadPython(byte[] input)
    {
        if (PythonInterpreter.Parse(Encoding.UTF8.GetString(input)) is not { } python)
        {
            return "none";
        }

        Assert.IsFalse(python.Executable.Contains('\0'), "the path");
        Assert.IsTrue(Regex.IsMatch(python.Name, @"\Apython[0-9]+\.[0-9]+\z"), python.Name);
        Assert.IsFalse(python.CacheTag.Contains('/') || python.CacheTag.Any(char.IsControl), python.CacheTag);
        Assert.AreEqual(python, PythonInterpreter.Parse(python.ToText()));
        return $"{python.ShortVersion.Length} {python.CacheTag.Length > 15} {python.Executable.Contains(' ')}";
    }

    private static InstanceServices Services() => new()
    {
        Instance = "lab",
        User = "somebody",
        Address = "http://localhost:8000/",
        Services =
        [
            new ServiceDescription { Name = "database", Command = "/usr/bin/serve", KillMode = KillMode.Process, Sandbox = new Dictionary<string, string> { ["PrivateTmp"] = "no" } },
            new ServiceDescription
            {
                Name = "web",
                Command = "serve",
                Arguments = ["--root", "@{InstanceRoot}"],
                After = ["database", "migrate"],
                Environment = new Dictionary<string, string> { ["ROOT"] = "@{Release}/var" },
                Health = new HealthCheck { Http = "http://127.0.0.1:8000/" },
                Listens = ["127.0.0.1:8000", "run/web.sock"],
            },
        ],
        Steps = [new StepDescription { Name = "migrate", Command = "migrate", After = ["database"], Environment = new Dictionary<string, string> { ["A"] = "b" } }],
        Checks = [new CheckDescription { Name = "page", Http = "http://127.0.0.1:8000/" }],
    };

    private static InstanceState State() => new()
    {
        Boot = ProcessTable.BootId,
        Token = "token",
        Release = "r",
        Supervisor = new ProcessIdentity(5, 6),
        Since = Time,
        Condition = InstanceCondition.Running,
        Services =
        [
            new ServiceState("web", ServiceCondition.Failed) { Process = new ProcessIdentity(7, 8), Restarts = 2, Since = Time, Exit = 137, Reason = "\"quoted\" line" },
            new ServiceState("worker", ServiceCondition.Waiting) { Since = Time },
        ],
        Steps = [new StepState("migrate", StepCondition.Running) { Process = new ProcessIdentity(9, 10) }],
    };
}

/// <summary>The record of a real release, which is looked at as a build does.</summary>
internal sealed partial class ReleaseRecordFuzzTarget : FuzzTarget
{
    private readonly Lazy<Task<Made>> _made = new(MakeAsync);

    internal override string Name => "release-record";

    internal override IEnumerable<byte[]> Seeds() => [_made.Value.GetAwaiter().GetResult().Record];

    /// <summary>Mostly with a digest that fits, so that what it is of is used.</summary>
    internal override byte[] Mutate(Random random, byte[] input, byte[] other)
    {
        byte[] bytes = JsonMutations.Mutate(random, input, other);
        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes);
            ReleaseInventory inventory = new(Map(document, "generated"), Map(document, "modes"), Map(document, "links"));
            using MemoryStream stream = new();
            using (Utf8JsonWriter writer = new(stream))
            {
                writer.WriteStartObject();
                inventory.Write(writer);
                writer.WriteEndObject();
            }

            using JsonDocument written = JsonDocument.Parse(stream.ToArray());
            string digest = written.RootElement.GetProperty("inventory").GetString()!;
            return random.Next(10) == 0 ? bytes : Encoding.UTF8.GetBytes(Inventory().Replace(Encoding.UTF8.GetString(bytes), $"\"inventory\": \"{digest}\""));
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            return bytes;
        }
    }

    internal override async Task<string> RunAsync(byte[] input)
    {
        Made made = await _made.Value;
        string text = Encoding.UTF8.GetString(input);
        string read;
        try
        {
            ReleaseInventory inventory = ReleaseInventory.Read(text);
            read = $"{inventory.Files.Count} {inventory.Modes.Count} {inventory.Links.Count}";
        }
        catch (FormatException failure)
        {
            read = failure.Message;
        }

        string path = Path.Combine(made.Release, ReleaseRecord.FileName);
        CacheBench.Damage(path, input);
        string? difference = ReleaseVerifier.FindDifference(made.Release, made.Description, made.Contents, true, CancellationToken.None);
        if (difference is null)
        {
            Assert.AreEqual(Encoding.UTF8.GetString(made.Record), await File.ReadAllTextAsync(path));
        }

        return $"{read}: {Quoted().Replace(difference ?? "whole", "_")}";
    }

    public override void Dispose()
    {
        if (_made.IsValueCreated)
        {
            _made.Value.GetAwaiter().GetResult().Bench.Dispose();
        }

        base.Dispose();
    }

    private static async Task<Made> MakeAsync()
    {
        ReleaseBench bench = new();
        TreeRequest request = await bench.Cache.AddAsync("a", "usr/bin/run*=#!/bin/sh\n", "usr/share/a/text=words", "usr/share/a/link->text");
        ReleaseDescription description = bench.Describe(request);
        string release = bench.Layout.Release(await bench.AssembleAsync(description, [request]));
        IReadOnlyList<TreeManifest> manifests = await bench.Store.EnsureAsync(
            [(request, description.Components[0].StoreName!)], InspectionDepth.Manifest, CancellationToken.None);
        ReleaseTree tree = new() { Component = "a", StoreName = description.Components[0].StoreName!, Manifest = manifests[0] };
        ReleaseContents contents = ReleaseContents.Build(description, [tree], new Dictionary<string, string>());
        return new Made(bench, release, description, contents, await File.ReadAllBytesAsync(Path.Combine(release, ReleaseRecord.FileName)));
    }

    private static Dictionary<string, string> Map(JsonDocument document, string name) =>
        document.RootElement.GetProperty(name).EnumerateObject().ToDictionary(member => member.Name, member => member.Value.GetString() ?? "", StringComparer.Ordinal);

    [GeneratedRegex("\"inventory\": *\"[^\"]*\"")]
    private static partial Regex Inventory();

    [GeneratedRegex("(?s)'.*'|[0-7]{4}|\\(.*\\)")]
    private static partial Regex Quoted();

    private sealed record Made(ReleaseBench Bench, string Release, ReleaseDescription Description, ReleaseContents Contents, byte[] Record);
}
