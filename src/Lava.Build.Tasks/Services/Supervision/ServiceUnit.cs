using System.Diagnostics;
using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Keeps a service running: starts it, watches its health, and starts it again as its restart policy says.</summary>
internal sealed class ServiceUnit : Unit
{
    private readonly ServiceDescription _service;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly RestartBudget _budget;

    internal ServiceUnit(ServiceDescription service, RunContext context)
        : base(service.Name, context)
    {
        _service = service;
        _budget = new RestartBudget(service);
    }

    /// <inheritdoc/>
    protected override async Task WorkAsync()
    {
        RunAs? user = InstanceUser.Of(Context.Services, _service.User, Context.Location, $"service '{Name}'");
        using ServiceLog log = Context.OpenLog(Name);
        bool wasHealthy = false;
        while (true)
        {
            AttemptOutcome outcome = await new ServiceAttempt(_service, Context, user, log, BecomeHealthy).RunAsync(Stopping);
            wasHealthy |= outcome.WasHealthy;
            Stopping.ThrowIfCancellationRequested();
            if (!_budget.TryRestart(outcome.End, outcome.ExitCode, wasHealthy, _clock.Elapsed))
            {
                throw new LavaException(outcome.Problems);
            }

            string reason = outcome.Problems[0].Text;
            Context.State.Change(Name, (ServiceState state) => state with
            {
                Condition = ServiceCondition.Restarting,
                Restarts = state.Restarts + 1,
                Exit = outcome.ExitCode,
                Reason = reason,
            });
            Context.Console.Say(string.Create(CultureInfo.InvariantCulture, $"{Name} {outcome.Short}; it is started again in {_service.RestartDelay} s"));
            await Task.Delay(TimeSpan.FromSeconds(_service.RestartDelay), Stopping);
        }
    }

    /// <inheritdoc/>
    protected override FailureAction RecordFailure(string reason)
    {
        Context.State.Change(Name, (ServiceState state) => state with { Condition = ServiceCondition.Failed, Reason = reason });
        return _service.OnFailure;
    }

    /// <inheritdoc/>
    protected override void RecordStop() =>
        Context.State.Change(Name, (ServiceState state) => state with { Condition = ServiceCondition.Stopped, Reason = "" });

    private void BecomeHealthy()
    {
        Context.State.Change(Name, (ServiceState state) => state with { Condition = ServiceCondition.Healthy, Reason = "" });
        BecomeReady();
    }
}
