using Lava.Build.Instances;
using Lava.Build.Platform;
using Lava.Build.Services;
using Lava.Build.Services.Supervision;
using Lava.Build.Tests.Shells;

namespace Lava.Build.Tests.Services.Supervision;

/// <summary>Which process is which.</summary>
[TestClass]
public sealed class IdentityTests
{
    [TestMethod]
    [DataRow("(web)", "web")]
    [DataRow("(a b) c)", "a b) c")]
    [DataRow("())", ")")]
    public void A_process_may_have_any_name(string field, string name)
    {
        string rest = string.Join(' ', Enumerable.Range(7, 40));
        Assert.AreEqual(new ProcessStatus(12, name, 'S', 4, 6, 22), ProcessStatus.Parse($"12 {field} S 4 5 6 {rest}"));
    }

    [TestMethod]
    public void This_process_is_found_and_no_other_of_its_id()
    {
        ProcessStatus own = ProcessTable.Find(Environment.ProcessId)!;
        Assert.AreEqual(Environment.ProcessId, own.Id);
        Assert.IsTrue(ProcessTable.Lives(own.Id, own.Start));
        Assert.IsFalse(ProcessTable.Lives(own.Id, own.Start - 1));
        Assert.IsFalse(ProcessTable.Lives(0, 0));
        Assert.IsNull(ProcessTable.Find(int.MaxValue));
    }

    [TestMethod]
    public void A_session_has_its_members_and_their_descendants()
    {
        ProcessStatus[] all =
        [
            new(10, "main", 'S', 1, 10, 100), new(11, "child", 'S', 10, 10, 101), new(12, "own session", 'S', 11, 12, 102), new(13, "orphan", 'S', 1, 10, 103),
            new(20, "other", 'S', 1, 20, 50), new(21, "other's", 'S', 20, 20, 51),
        ];
        CollectionAssert.AreEquivalent(new[] { 10, 11, 12, 13 }, Members(all, 10, 100));
    }

    [TestMethod]
    public void A_session_of_the_same_number_with_another_leader_is_another()
    {
        ProcessStatus[] all = [new(10, "new", 'S', 1, 10, 500), new(11, "child", 'S', 10, 10, 501)];
        Assert.IsEmpty(Members(all, 10, 100));
    }

    [TestMethod]
    public void What_started_before_the_leader_is_of_an_earlier_session()
    {
        ProcessStatus[] all = [new(11, "old", 'S', 1, 10, 50), new(12, "ours", 'S', 1, 10, 150)];
        CollectionAssert.AreEqual(new[] { 12 }, Members(all, 10, 100));
    }

    [TestMethod]
    public void No_process_has_no_session() => Assert.IsEmpty(Members([new(1, "init", 'S', 0, 0, 0), new(2, "kthread", 'S', 0, 0, 0)], 0, 0));

    [TestMethod]
    public void The_state_file_reads_as_it_was_written()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(Path.Combine(directory.Path, "run"));
        InstanceLayout layout = new(directory.Path);
        DateTime time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        InstanceState state = new()
        {
            Boot = "boot",
            Token = "token",
            Release = "1.0+0123abcd",
            Supervisor = new ProcessIdentity(5, 6),
            Since = time,
            Detached = true,
            Condition = InstanceCondition.Running,
            Services =
            [
                new ServiceState("web", ServiceCondition.Restarting)
                {
                    Process = new ProcessIdentity(7, 8), Restarts = 2, Since = time, Exit = 137, Reason = "\"quoted\" line", End = new EndRule(KillMode.Process, "SIGINT", 3),
                },
                new ServiceState("worker", ServiceCondition.Waiting) { Since = time },
            ],
            Steps = [new StepState("migrate", StepCondition.Running) { Process = new ProcessIdentity(9, 10) }],
        };
        StateFile.Write(layout, state, null);
        InstanceState read = StateFile.Read(layout)!;
        CollectionAssert.AreEqual(state.Services.ToArray(), read.Services.ToArray());
        CollectionAssert.AreEqual(state.Steps.ToArray(), read.Steps.ToArray());
        Assert.AreEqual(state with { Services = [], Steps = [] }, read with { Services = [], Steps = [] });
        Assert.IsFalse(read.Runs);
    }

    [TestMethod]
    public void What_steers_a_terminal_is_made_visible_in_what_is_read_from_the_state_file()
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(Path.Combine(directory.Path, "run"));
        InstanceLayout layout = new(directory.Path);
        StateFile.Write(layout, new InstanceState { Services = [new ServiceState("\e[2Jweb", ServiceCondition.Failed) { Reason = "one\ntwo" }] }, null);
        ServiceState read = StateFile.Read(layout)!.Services.Single();
        Assert.AreEqual("\\x1b[2Jweb: one\\x0atwo", $"{read.Name}: {read.Reason}");
        Assert.DoesNotContain('\e', string.Join('\n', StatusReport.OfOthers(layout).Table()));
    }

    [TestMethod]
    [DataRow("ln -s state.json services.json")]
    [DataRow("mkfifo services.json")]
    [DataRow("ln -s /dev/zero services.json")]
    [DataRow("mkdir services.json")]
    [DataRow("truncate --size 1G services.json")]
    [DataRow("sed 's/\"running\"/\"dancing\"/' state.json > services.json")]
    [DataRow("sed 's/\"healthy\"/\"99999999999\"/' state.json > services.json")]
    [DataRow("sed 's/\"healthy\"/\"42\"/' state.json > services.json")]
    [DataRow("sed 's/\"healthy\"/\"waiting, starting\"/' state.json > services.json")]
    [DataRow("sed 's/\"group\"/\"\"/' state.json > services.json")]
    public async Task What_is_no_state_file_of_ours_is_none(string script)
    {
        using TemporaryDirectory directory = new();
        string run = Directory.CreateDirectory(Path.Combine(directory.Path, "run")).FullName;
        InstanceLayout layout = new(directory.Path);
        StateFile.Write(layout, new InstanceState { Condition = InstanceCondition.Running, Services = [new ServiceState("web", ServiceCondition.Healthy)] }, null);
        Assert.IsNotNull(StateFile.Read(layout));
        File.Move(StateFile.PathIn(layout), Path.Combine(run, "state.json"));
        await Run.OutputAsync("sh", ["-ec", $"cd \"$1\"\n{script}", "sh", run]);
        Assert.IsNull(StateFile.Read(layout));
    }

    private static int[] Members(ProcessStatus[] all, int leader, long start) =>
        [.. SessionMembers.Of(new ProcessIdentity(leader, start), all).Select(process => process.Id)];
}
