using Lava.Build.Instances;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>Holds what is known of a running instance, and writes it at each change. May be used from any thread.</summary>
internal sealed class StateKeeper(InstanceLayout layout, InstanceState first, RunAs? user, Action<Exception> onFailure)
{
    private readonly Lock _gate = new();
    private InstanceState _state = first;
    private bool _failed;

    /// <summary>What is known now.</summary>
    internal InstanceState Current
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>Changes what is known of the whole.</summary>
    internal void Change(Func<InstanceState, InstanceState> change)
    {
        lock (_gate)
        {
            _state = change(_state);
            try
            {
                StateFile.Write(layout, _state, user);
                _failed = false;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // The services are worth more than what is written of them.
                if (!_failed)
                {
                    _failed = true;
                    onFailure(failure);
                }
            }
        }
    }

    /// <summary>Changes what is known of a service; its time becomes now where it does something else than before.</summary>
    internal void Change(string service, Func<ServiceState, ServiceState> change) => Change(state => state with
    {
        Services = [.. state.Services.Select(one => one.Name == service ? Dated(one, change(one)) : one)],
    });

    /// <summary>Changes what is known of a step.</summary>
    internal void Change(string step, Func<StepState, StepState> change) => Change(state => state with
    {
        Steps = [.. state.Steps.Select(one => one.Name == step ? change(one) : one)],
    });

    private static ServiceState Dated(ServiceState before, ServiceState after) =>
        before.Condition == after.Condition ? after : after with { Since = DateTime.UtcNow };
}
