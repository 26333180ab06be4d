using System.Diagnostics;
using Lava.Build.Services;
using Lava.Build.Services.Checks;

namespace Lava.Build.Tests.Services.Checks;

[TestClass]
public sealed class CheckRunnerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [TestMethod]
    public async Task A_command_that_ends_with_0_passes()
    {
        using CheckBench bench = new();
        Assert.IsNull((await bench.RunAsync(Command("true"))).Failure);
    }

    [TestMethod]
    public async Task One_that_fails_is_told_with_its_exit_code_and_its_last_lines_of_both_streams()
    {
        using CheckBench bench = new();
        CheckFailure failure = (await bench.RunAsync(Command("echo one; exec >&2; echo two; exit 3"))).Failure!;
        Assert.AreEqual("Expected exit code 0, and it ended with 3.", failure.Message);
        CollectionAssert.AreEquivalent(new[] { "one", "two" }, failure.Lines.ToArray());
    }

    [TestMethod]
    public async Task Its_output_must_hold_what_is_expected()
    {
        using CheckBench bench = new();
        Assert.IsNull((await bench.RunAsync(Command("echo all is well") with { Expected = "is well" })).Failure);
        CheckFailure failure = (await bench.RunAsync(Command("echo all is lost") with { Expected = "is well" })).Failure!;
        Assert.AreEqual("Expected 'is well' in its output, and it is not there.", failure.Message);
        Assert.AreEqual("all is lost", failure.Lines.Single());
    }

    [TestMethod]
    public async Task It_runs_in_the_instance_with_the_releases_programs_and_nothing_of_the_callers_variables()
    {
        using CheckBench bench = new(("SECRET", "s"), ("LANG", "C.UTF-8"), ("PYTHONPATH", "/x"));
        bench.AddProgram("bin/whoruns", "echo from the release");
        CheckFailure failure = (await bench.RunAsync(Command("whoruns; pwd; env; exit 1"))).Failure!;
        string[] lines = [.. failure.Lines];
        Assert.AreEqual("from the release", lines[0]);
        Assert.AreEqual(bench.Layout.Root, lines[1]);
        string[] expected =
        [
            "LANG=C.UTF-8", $"LAVA_INSTANCE={bench.Layout.Root}", $"LAVA_RELEASE={bench.Release}", $"TMPDIR={bench.Layout.Root}/tmp",
        ];
        CollectionAssert.IsSubsetOf(expected, lines);
        Assert.IsTrue(lines.Any(line => line.StartsWith($"PATH={bench.Release}/bin:/usr/local/", StringComparison.Ordinal)));
        Assert.IsFalse(lines.Any(line => line.StartsWith("SECRET=", StringComparison.Ordinal) || line.StartsWith("PYTHONPATH=", StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task Holes_of_a_command_are_the_shells_variables_so_that_any_path_can_be_quoted()
    {
        using CheckBench bench = new();
        CheckDescription check = Command("""test "@{InstanceRoot}/tmp" -ef "$LAVA_INSTANCE/tmp" && test "@{Release}/bin" -ef code/current/bin && echo at @{InstanceRoot}""");
        Assert.IsNull((await bench.RunAsync(check with { Expected = "at @{InstanceRoot}" })).Failure);
    }

    [TestMethod]
    public async Task One_that_takes_too_long_has_failed_and_nothing_of_it_goes_on()
    {
        using CheckBench bench = new();
        string pidFile = Path.Combine(bench.Layout.Root, "pid");
        CheckFailure failure = (await bench.RunAsync(Command("echo begins; sleep 600 & echo $! > pid; wait") with { Timeout = 1 })).Failure!;
        Assert.AreEqual("It did not end within 1 s.", failure.Message);
        Assert.AreEqual("begins", failure.Lines.Single());
        Assert.IsTrue(await EndsAsync(File.ReadAllText(pidFile).Trim()), "What it had started still runs.");
    }

    [TestMethod]
    [DataRow("yes a line")]
    [DataRow("cat /dev/zero")]
    public async Task Of_output_without_end_only_the_last_lines_are_kept(string command)
    {
        using CheckBench bench = new();
        CheckFailure failure = (await bench.RunAsync(Command(command) with { Timeout = 1 })).Failure!;
        Assert.AreEqual("It did not end within 1 s.", failure.Message);
        Assert.IsTrue(failure.Lines.Count is > 0 and <= 20);
        Assert.IsTrue(failure.Lines.All(line => line.Length <= 201));
    }

    [TestMethod]
    public async Task A_cancelled_run_ends_what_was_started()
    {
        using CheckBench bench = new();
        string started = Path.Combine(bench.Layout.Root, "pid");
        using CancellationTokenSource cancel = new();
        Task run = bench.RunAsync([Command("echo $$ > part; mv part pid; sleep 600")], null, cancel.Token);
        Assert.IsTrue(await TrueSoonAsync(() => File.Exists(started)), "It did not start.");
        cancel.Cancel();
        await Assert.ThrowsAsync<OperationCanceledException>(() => run);
        Assert.IsTrue(await EndsAsync(File.ReadAllText(started).Trim()), "It still runs.");
    }

    [TestMethod]
    public async Task Checks_run_at_the_same_time_are_told_of_when_done_and_returned_in_order()
    {
        using CheckBench bench = new();
        // The first waits for the second: one after the other they would never end.
        CheckDescription[] checks =
        [
            Command("until test -e done; do sleep 0.05; done") with { Name = "first", Timeout = 60 },
            Command("touch done") with { Name = "second" },
        ];
        List<string> told = [];
        IReadOnlyList<CheckResult> results = await bench.RunAsync(checks, result => told.Add(result.Check.Name));
        CollectionAssert.AreEqual(new[] { "first", "second" }, results.Select(result => result.Check.Name).ToArray());
        CollectionAssert.AreEquivalent(new[] { "first", "second" }, told);
        Assert.IsTrue(results.All(result => result.Passed));
    }

    [TestMethod]
    public async Task A_statement_is_read_by_the_releases_program_and_its_first_value_compared()
    {
        using CheckBench bench = new();
        bench.AddProgram(ProgramCheck.SqlProgram, """read -r sql; case $sql in "select 2, 3") echo "2|3"; echo "4|5" ;; "select none") ;; *) echo "ERROR: $sql" >&2; exit 3 ;; esac""");
        CheckDescription check = new() { Name = "sql", Sql = "select 2, 3", Expected = "2" };
        Assert.IsNull((await bench.RunAsync(check)).Failure);
        Assert.IsNull((await bench.RunAsync(check with { Expected = "2|3" })).Failure);
        Assert.IsNull((await bench.RunAsync(check with { Sql = "select none", Expected = "" })).Failure);
        Assert.AreEqual("Expected '3' in the first column of the first row, and it was '2'.", (await bench.RunAsync(check with { Expected = "3" })).Failure!.Message);
        Assert.AreEqual(
            "Expected '2' in the first column of the first row, and there was no row.", (await bench.RunAsync(check with { Sql = "select none" })).Failure!.Message);
        CheckFailure refused = (await bench.RunAsync(check with { Sql = "selct" })).Failure!;
        Assert.AreEqual("The database refused the statement.", refused.Message);
        Assert.AreEqual("ERROR: selct", refused.Lines.Single());
    }

    [TestMethod]
    public async Task Without_a_database_a_statement_fails_and_says_what_is_missing()
    {
        using CheckBench bench = new();
        Assert.Contains("LavaDatabase", (await bench.RunAsync(new CheckDescription { Name = "sql", Sql = "select 1" })).Failure!.Message);
    }

    private static CheckDescription Command(string line) => new() { Name = "check", Command = line };

    private static Task<bool> EndsAsync(string process) => TrueSoonAsync(() => !Directory.Exists($"/proc/{process}") || IsDead(process));

    // Whoever adopts it in a container may never ask how it ended.
    private static bool IsDead(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static async Task<bool> TrueSoonAsync(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                return false;
            }

            await Task.Delay(20);
        }

        return true;
    }
}
