using System.Net;
using System.Net.Sockets;
using Lava.Build.Instances;
using Lava.Build.Services.Supervision;

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
    /// Whether it runs, and which release, where that is known. One that listens nowhere is taken to run: systemd, and whoever starts services
    /// by hand, leave nothing else to tell by.
    /// </returns>
    internal static async Task<(bool Runs, string? Release)> FindAsync(
        InstanceLayout layout, InstanceServices services, RunHoles holes, CancellationToken cancellation)
    {
        // After a power loss or a kill the file may name processes of others.
        if (StateFile.Read(layout) is { Runs: true } state)
        {
            return (true, state.Release);
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
        using Socket socket = place.IsUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            EndPoint end = place.IsUnix
                ? new UnixDomainSocketEndPoint(place.Path)
                : new DnsEndPoint(place.Host is "" or "*" or "0.0.0.0" ? "127.0.0.1" : place.Host is "::" ? "::1" : place.Host, place.Port);
            await socket.ConnectAsync(end, limit.Token);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException || (failure is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            // Nobody accepts there, or the path is too long for a socket.
            return false;
        }
    }
}
