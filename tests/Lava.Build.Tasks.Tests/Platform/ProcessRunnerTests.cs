using System.Globalization;
using System.Text;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class ProcessRunnerTests
{
    private static readonly HostEnvironment Host = new(
        "/", new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["KEPT"] = "kept", ["REMOVED"] = "removed" });

    [TestMethod]
    public async Task Arguments_arrive_as_they_are()
    {
        string[] arguments = ["", " ", "a b", "it's", "\"", "\\", "$HOME", "`id`", "*", "-x", "--", "new\nline", "tab\t", "é€😀"];
        ProcessOutcome outcome = await RunAsync(Shell("for a in \"$@\"; do printf '<%s>' \"$a\"; done", ["sh", .. arguments]));
        Assert.AreEqual(string.Concat(arguments.Select(argument => $"<{argument}>")) + "\n", outcome.Output);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(42)]
    [DataRow(255)]
    public async Task The_exit_code_is_the_programs(int code) =>
        Assert.AreEqual(code, (await RunAsync(Shell($"exit {code}"))).ExitCode);

    [TestMethod]
    public async Task A_program_that_a_signal_ends_has_not_succeeded() =>
        Assert.AreEqual(128 + 9, (await RunAsync(Shell("kill -KILL $$"))).ExitCode);

    [TestMethod]
    [DataRow(128 + 2)]
    [DataRow(128 + 15)]
    public async Task What_a_signal_ends_just_before_the_cancellation_comes_was_cancelled(int number)
    {
        using CancellationTokenSource cancel = new();
        ProcessRequest request = Shell($"echo; exit {number}") with { OnLine = _ => cancel.CancelAfter(TimeSpan.FromMilliseconds(500)) };
        await Assert.ThrowsAsync<OperationCanceledException>(() => new ProcessRunner(Host).RunAsync(request, cancel.Token));
        Assert.AreEqual(number, (await RunAsync(Shell($"exit {number}"))).ExitCode);
    }

    [TestMethod]
    public async Task Both_streams_are_captured_and_told_line_by_line()
    {
        List<string> lines = [];
        ProcessOutcome outcome = await RunAsync(Shell("echo out; echo err >&2; printf 'no end'") with { OnLine = line => { lock (lines) { lines.Add(line); } } });
        Assert.AreEqual("out\nno end\n", outcome.Output);
        Assert.AreEqual("err\n", outcome.Error);
        CollectionAssert.AreEquivalent(new[] { "out", "err", "no end" }, lines);
    }

    [TestMethod]
    public async Task More_output_than_pipes_hold_on_both_streams_blocks_nobody()
    {
        ProcessOutcome outcome = await RunAsync(Shell(
            "i=0; while [ $i -lt 20000 ]; do echo out$i; echo err$i >&2; i=$((i+1)); done"));
        Assert.EndsWith("out19999\n", outcome.Output);
        Assert.EndsWith("err19999\n", outcome.Error);
    }

    [TestMethod]
    public async Task Of_endless_output_the_end_is_kept()
    {
        ProcessOutcome outcome = await RunAsync(Shell("head -c 3000000 /dev/zero | tr '\\0' x | fold -w 1000; echo; echo end"));
        Assert.IsLessThanOrEqualTo(1 << 20, outcome.Output.Length);
        Assert.IsGreaterThan(1_000_000, outcome.Output.Length);
        Assert.EndsWith("x\nend\n", outcome.Output);
    }

    [TestMethod]
    public async Task Standard_input_is_what_is_given_and_nothing_by_default()
    {
        Assert.AreEqual("é\nend\n", (await RunAsync(new ProcessRequest("cat", []) { StandardInput = "é\nend" })).Output);
        Assert.AreEqual("", (await RunAsync(new ProcessRequest("cat", []))).Output);
    }

    [TestMethod]
    public async Task A_program_may_leave_its_input_unread() =>
        Assert.AreEqual(3, (await RunAsync(Shell("exit 3") with { StandardInput = new string('x', 1_000_000) })).ExitCode);

    [TestMethod]
    public async Task Output_can_be_taken_as_bytes()
    {
        using MemoryStream bytes = new();
        ProcessOutcome outcome = await RunAsync(
            Shell("printf '\\377\\0\\n'; echo words >&2") with { ReadOutput = (stream, _) => stream.CopyTo(bytes) });
        CollectionAssert.AreEqual(new byte[] { 255, 0, 10 }, bytes.ToArray());
        Assert.AreEqual("", outcome.Output);
        Assert.AreEqual("words\n", outcome.Error);
    }

    [TestMethod]
    public async Task Variables_are_added_replaced_and_removed()
    {
        ProcessOutcome outcome = await RunAsync(Shell("echo \"$KEPT,${REMOVED-gone},$ADDED\"") with
        {
            Environment = new Dictionary<string, string?> { ["REMOVED"] = null, ["ADDED"] = "a $b 'c'" },
        });
        Assert.AreEqual("kept,gone,a $b 'c'\n", outcome.Output);
        outcome = await RunAsync(Shell("echo $KEPT") with { Environment = new Dictionary<string, string?> { ["KEPT"] = "other" } });
        Assert.AreEqual("other\n", outcome.Output);
    }

    [TestMethod]
    public async Task Variables_can_be_cleared()
    {
        ProcessOutcome outcome = await RunAsync(new ProcessRequest("env", [])
        {
            ClearEnvironment = true,
            Environment = new Dictionary<string, string?> { ["ONLY"] = "this" },
        });
        Assert.AreEqual("ONLY=this\n", outcome.Output);
    }

    [TestMethod]
    public async Task It_runs_where_it_is_told_and_in_the_callers_directory_else()
    {
        Assert.AreEqual("/usr\n", (await RunAsync(new ProcessRequest("pwd", []) { WorkingDirectory = "/usr" })).Output);
        Assert.AreEqual("/\n", (await RunAsync(new ProcessRequest("pwd", []))).Output);
    }

    [TestMethod]
    [DataRow("no-such-program")]
    [DataRow("/no/such/program")]
    [DataRow("/etc/passwd")]
    public async Task A_missing_program_is_an_error(string program)
    {
        Problem problem = await ProblemAsync(new ProcessRequest(program, []));
        Assert.AreEqual("LAVA9001", problem.Code);
        Assert.Contains($"'{program}'", problem.Text);
    }

    [TestMethod]
    public async Task A_missing_directory_is_an_error() =>
        Assert.AreEqual("LAVA9007", (await ProblemAsync(new ProcessRequest("true", []) { WorkingDirectory = "/no/such" })).Code);

    [TestMethod]
    public async Task A_program_over_its_time_is_ended_with_all_it_started()
    {
        using TemporaryDirectory directory = new();
        Problem problem = await ProblemAsync(Family(directory, ignoring: false) with { Timeout = TimeSpan.FromSeconds(2) });
        Assert.AreEqual("LAVA9002", problem.Code);
        Assert.Contains("'sh' did not finish within 2 s", problem.Text);
        await AssertGoneAsync(directory);
    }

    [TestMethod]
    public async Task What_keeps_the_output_open_is_ended_though_the_program_itself_has_ended()
    {
        using TemporaryDirectory directory = new();
        ProcessRequest request = Shell("sleep 1000 & echo $! > pids; exit 0") with { WorkingDirectory = directory.Path, Timeout = TimeSpan.FromSeconds(1) };
        Assert.AreEqual("LAVA9002", (await ProblemAsync(request)).Code);
        await AssertGoneAsync(directory);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Cancelling_ends_the_whole_family_also_those_who_ignore_being_asked(bool ignoring)
    {
        using TemporaryDirectory directory = new();
        using CancellationTokenSource cancel = new();
        ProcessRequest request = Family(directory, ignoring) with { OnLine = _ => cancel.Cancel() };
        await Assert.ThrowsAsync<OperationCanceledException>(() => new ProcessRunner(Host).RunAsync(request, cancel.Token));
        await AssertGoneAsync(directory);
    }

    [TestMethod]
    public async Task Cancelling_ends_a_wait_for_bytes_that_do_not_come()
    {
        using TemporaryDirectory directory = new();
        using CancellationTokenSource cancel = new();
        byte[] ready = new byte[6];
        int rest = -1;
        ProcessRequest request = Family(directory, ignoring: true) with
        {
            ReadOutput = (stream, _) =>
            {
                stream.ReadExactly(ready);
                cancel.CancelAfter(TimeSpan.Zero);
                rest = stream.Read(ready);
            },
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => new ProcessRunner(Host).RunAsync(request, cancel.Token));
        Assert.AreEqual(0, rest);
        await AssertGoneAsync(directory);
    }

    [TestMethod]
    public async Task A_program_that_puts_itself_aside_and_lets_go_of_the_output_is_left_alone()
    {
        ProcessOutcome outcome = await RunAsync(Shell("sleep 1000 >/dev/null 2>&1 </dev/null & echo $!"));
        int pid = int.Parse(outcome.Output, CultureInfo.InvariantCulture);
        Assert.IsTrue(IsAlive(pid));
        using System.Diagnostics.Process process = System.Diagnostics.Process.GetProcessById(pid);
        process.Kill();
    }

    // A shell, its child and its grandchild; the last writes "ready" when all of them are there.
    private static ProcessRequest Family(TemporaryDirectory directory, bool ignoring)
    {
        string trap = ignoring ? "trap '' TERM;" : "";
        string script = $"{trap} echo $$ >> pids; sh -c '{trap.Replace("'", "'\\''", StringComparison.Ordinal)} echo $$ >> pids; sh -c \"echo \\$\\$ >> pids; echo ready; sleep 1000; :\"; :'; :";
        return Shell(script) with { WorkingDirectory = directory.Path };
    }

    private static async Task AssertGoneAsync(TemporaryDirectory directory)
    {
        string[] pids = await File.ReadAllLinesAsync(Path.Combine(directory.Path, "pids"));
        Assert.IsNotEmpty(pids);
        foreach (int pid in pids.Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)))
        {
            Assert.IsTrue(SpinWait.SpinUntil(() => !IsAlive(pid), TimeSpan.FromSeconds(30)), $"{pid} of {string.Join(' ', pids)} goes on");
        }
    }

    // A process that nobody has waited for yet is no longer one that runs.
    private static bool IsAlive(int pid)
    {
        try
        {
            string status = Encoding.UTF8.GetString(File.ReadAllBytes($"/proc/{pid}/stat"));
            return status[(status.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static ProcessRequest Shell(string script, params string[] arguments) => new("sh", ["-c", script, .. arguments]);

    private static Task<ProcessOutcome> RunAsync(ProcessRequest request) => new ProcessRunner(Host).RunAsync(request, CancellationToken.None);

    private static async Task<Problem> ProblemAsync(ProcessRequest request) =>
        (await Assert.ThrowsExactlyAsync<LavaException>(() => RunAsync(request))).Problems.Single();
}
