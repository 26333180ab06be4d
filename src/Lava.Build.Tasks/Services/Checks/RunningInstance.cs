using Lava.Build.Instances;
using Lava.Build.Services.Supervision;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Services.Checks;

/// <summary>Whether an instance runs, whoever started it.</summary>
internal static class RunningInstance
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Looks for it.</summary>
    /// <param name="layout">The instance.</param>
    /// <param name="services">What it runs.</param>
    /// <param name="holes">Its and its active release's directories.</param>
    /// <param name="cancellation">Ends the search.</param>
    /// <returns>
    /// Whether it runs, and which release, where that is known. One that listens nowhere is taken to run: whoever starts services by hand leaves
    /// nothing else to tell by.
    /// </returns>
    internal static async Task<(bool Runs, string? Release)> FindAsync(
        InstanceLayout layout, InstanceServices services, RunHoles holes, CancellationToken cancellation)
    {
        if ((LivingSupervisor.StateOf(layout)?.Release ?? InstanceUnits.Find(layout)?.Release) is { } release)
        {
            return (true, release);
        }

        ListenAddress[] places = [.. services.Services.SelectMany(service => service.Listens).Select(place => ListenAddress.Parse(place, holes))];
        if (places.Length == 0)
        {
            return (true, null);
        }

        bool[] answers = await Task.WhenAll(places.Select(place => AnswersAsync(place, cancellation)));
        return (answers.Contains(true), null);
    }

    private static async Task<bool> AnswersAsync(ListenAddress place, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            return await place.ConnectAsync(limit.Token) is null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
