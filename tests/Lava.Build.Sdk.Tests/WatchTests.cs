using System.Diagnostics;
using System.Text;
using System.Threading.Channels;

namespace Lava.Build.Sdk.Tests;

/// <summary>`dotnet watch` on an instance.</summary>
[TestClass]
[TestCategory("Slow")]
public sealed class WatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // In the place of the services, of which these tests need none.
    private const string Run = """
        <Target Name="ComputeRunArguments" DependsOnTargets="Build">
          <PropertyGroup>
            <RunCommand>/bin/sh</RunCommand>
            <RunArguments>-c "echo runs `cat '$(LavaInstanceRoot)/code/current/share/hello.conf'`; exec sleep 600"</RunArguments>
          </PropertyGroup>
        </Target>
        """;

    [TestMethod]
    public async Task Templates_projects_and_developed_files_are_watched_and_modules_that_services_look_after_are_not()
    {
        using TestProject project = Watched();
        project.Write("dev/page.html", "");
        project.Write("dev/module.py", "");
        project.Write("dev/.git/index", "");
        project.Write("more.props", "<Project><ItemGroup><LavaValue Include=\"A\" Value=\"B\" /></ItemGroup></Project>");
        project.SetVariable("LavaDevelop", "alpha=dev");
        string[] types = ["Service", "Step", "Database", "Check", "Directory", "Link", "Secret", "Command", "Launcher", "Template"];
        foreach (string type in types)
        {
            project.Write($"{type}.props", $"<Project><ItemGroup><Lava{type} Include=\"only\" /></ItemGroup></Project>");
        }

        project.Write("instance.proj", project.Read("instance.proj").Replace("<ItemGroup>", string.Concat(types.Select(type => $"<Import Project=\"{type}.props\" />")) + "<ItemGroup>", StringComparison.Ordinal));
        string debug = await ListAsync(project);
        foreach (string file in (string[])["instance.proj", "more.props", "hello.conf", "dev/page.html", .. types.Select(type => $"{type}.props")])
        {
            StringAssert.Contains(debug, project[file] + "\n", StringComparison.Ordinal);
        }

        Assert.DoesNotContain("module.py", debug);
        Assert.DoesNotContain(".git", debug);
        project.SetVariable("Configuration", "Release");
        StringAssert.Contains(await ListAsync(project), project["dev/module.py"], StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task An_edited_template_and_an_edited_project_run_as_a_new_release()
    {
        using TestProject project = Watched();
        (await project.BuildAsync()).Succeeds();
        await using Watcher watcher = new(project, "watch", "--non-interactive", "--no-hot-reload", "run", "--project", "instance.proj");
        await watcher.SeesAsync("runs one");
        string first = project.CurrentRelease;
        project.Write("hello.conf", "two @{A}");
        await watcher.SeesAsync("runs two B");
        string second = project.CurrentRelease;
        Assert.AreNotEqual(first, second);
        project.Write("more.props", "<Project><ItemGroup><LavaValue Include=\"A\" Value=\"C\" /></ItemGroup></Project>");
        await watcher.SeesAsync("runs two C");
        Assert.AreNotEqual(second, project.CurrentRelease);
    }

    [TestMethod]
    public async Task With_hot_reload_the_error_says_how_to_watch_an_instance()
    {
        using TestProject project = Watched();
        await using Watcher watcher = new(project, "watch", "--non-interactive", "run", "--project", "instance.proj");
        await watcher.SeesAsync("error LAVA6005");
    }

    private static TestProject Watched()
    {
        TestProject project = new();
        project.PackAlpha("1.0");
        project.Write("hello.conf", "one");
        project.Write("more.props", "<Project><ItemGroup><LavaValue Include=\"A\" Value=\"B\" /></ItemGroup></Project>");
        project.Describe(
            "<Import Project=\"more.props\" />"
            + TestProject.Items(TestProject.Component("alpha", "1.0"), """<LavaTemplate Include="hello.conf" Destination="share/hello.conf" />"""));

        // The SDK's own target of that name comes later than what stands in the project.
        project.Write("Directory.Build.targets", $"<Project>{Run}</Project>");
        return project;
    }

    private static async Task<string> ListAsync(TestProject project) =>
        (await project.DotNetAsync("watch", "--no-hot-reload", "--list", "--project", "instance.proj")).Succeeds().Output;

    /// <summary>A `dotnet watch` that runs until it is disposed of, with all that it has started.</summary>
    private sealed class Watcher : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _output = new();
        private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _reading;

        internal Watcher(TestProject project, params string[] arguments)
        {
            _process = Command.Start("dotnet", project.Path, project.Variables, arguments);
            _reading = Task.WhenAll(
                Command.ReadAsync(_process.StandardOutput, _output, line => _lines.Writer.TryWrite(line), _stop.Token),
                Command.ReadAsync(_process.StandardError, _output, line => _lines.Writer.TryWrite(line), _stop.Token));
        }

        internal async Task SeesAsync(string text)
        {
            using CancellationTokenSource limit = new(Patience);
            try
            {
                while (!(await _lines.Reader.ReadAsync(limit.Token)).Contains(text, StringComparison.Ordinal))
                {
                }
            }
            catch (OperationCanceledException)
            {
                throw new AssertFailedException($"'{text}' was not seen within {Patience}: {_output}");
            }
        }

        public async ValueTask DisposeAsync()
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            await _stop.CancelAsync();
            try
            {
                await _reading;
            }
            catch (OperationCanceledException)
            {
                // What the programs had still to say is of no interest.
            }

            _process.Dispose();
            _stop.Dispose();
        }
    }
}
