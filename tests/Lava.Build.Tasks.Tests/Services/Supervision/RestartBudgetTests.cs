using Lava.Build.Services;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Tests.Services.Supervision;

[TestClass]
public sealed class RestartBudgetTests
{
    private static readonly ServiceDescription Service = new() { Name = "web", Command = "web" };

    [TestMethod]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.Ended), 1, true)]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.Ended), 0, false)]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.DiedAtStart), 143, true)]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.LostHealth), 0, true)]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.NeverHealthy), 0, true)]
    [DataRow(RestartPolicy.OnFailure, nameof(AttemptEnd.Stopped), 1, false)]
    [DataRow(RestartPolicy.Always, nameof(AttemptEnd.Ended), 0, true)]
    [DataRow(RestartPolicy.Always, nameof(AttemptEnd.DiedAtStart), 0, true)]
    [DataRow(RestartPolicy.Always, nameof(AttemptEnd.Stopped), 0, false)]
    [DataRow(RestartPolicy.Never, nameof(AttemptEnd.Ended), 1, false)]
    [DataRow(RestartPolicy.Never, nameof(AttemptEnd.LostHealth), 0, false)]
    public void A_service_is_started_again_as_its_policy_says(RestartPolicy policy, string end, int exitCode, bool restarted) =>
        Assert.AreEqual(restarted, new RestartBudget(Service with { Restart = policy }).TryRestart(Enum.Parse<AttemptEnd>(end), exitCode, wasHealthy: true, TimeSpan.Zero));

    [TestMethod]
    [DataRow(nameof(AttemptEnd.NeverHealthy))]
    [DataRow(nameof(AttemptEnd.NotStarted))]
    public void What_has_never_worked_is_not_tried_again(string end) =>
        Assert.IsFalse(new RestartBudget(Service).TryRestart(Enum.Parse<AttemptEnd>(end), 0, wasHealthy: false, TimeSpan.Zero));

    [TestMethod]
    public void The_limit_counts_restarts_within_a_minute()
    {
        RestartBudget budget = new(Service with { RestartLimit = 2 });
        bool[] restarts = [.. new[] { 0, 10, 20, 59, 61, 62, 71 }.Select(second => budget.TryRestart(AttemptEnd.Ended, 1, wasHealthy: true, TimeSpan.FromSeconds(second)))];
        CollectionAssert.AreEqual(new[] { true, true, false, false, true, false, true }, restarts);
    }

    [TestMethod]
    public void Until_it_is_healthy_for_the_first_time_all_restarts_count()
    {
        RestartBudget budget = new(Service with { RestartLimit = 2 });
        bool[] restarts = [.. new[] { 0, 100, 200, 300 }.Select(second => budget.TryRestart(AttemptEnd.DiedAtStart, 1, wasHealthy: second == 300, TimeSpan.FromSeconds(second)))];
        CollectionAssert.AreEqual(new[] { true, true, false, true }, restarts);
    }

    [TestMethod]
    public void A_limit_of_0_is_no_restart() =>
        Assert.IsFalse(new RestartBudget(Service with { RestartLimit = 0 }).TryRestart(AttemptEnd.Ended, 1, wasHealthy: true, TimeSpan.Zero));
}
