using System.Net;
using System.Net.Sockets;

namespace Lava.Build.Tests;

/// <summary>Accepts connections on a port of the loopback interface until it is disposed of.</summary>
/// <param name="port">The port, or 0 for a free one.</param>
internal abstract class LoopbackListener(int port = 0) : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, port);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The port.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Dispose();
        _stop.Dispose();
    }

    /// <summary>To be called once the derived class is ready.</summary>
    protected void Start()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Serves one connection; what ends it besides is that the client goes away, or that the test is over.</summary>
    protected abstract Task ServeAsync(TcpClient client, CancellationToken stop);

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAndEndAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAndEndAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ServeAsync(client, _stop.Token);
            }
            catch (Exception end) when (end is IOException or OperationCanceledException or ObjectDisposedException or SocketException
                or System.Security.Authentication.AuthenticationException)
            {
                // The client went away, or the test is over.
            }
        }
    }
}
