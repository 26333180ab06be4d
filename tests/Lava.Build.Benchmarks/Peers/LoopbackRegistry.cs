using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lava.Build.Benchmarks.Peers;

/// <summary>A registry of npm packages on loopback, from which the peers fill their caches.</summary>
internal sealed class LoopbackRegistry : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, string, byte[]?> _answer;
    private readonly Task _serving;

    /// <param name="answer">What there is at a path, from this server's address and the path.</param>
    internal LoopbackRegistry(Func<string, string, byte[]?> answer)
    {
        _answer = answer;
        Address = $"http://127.0.0.1:{FreePort()}/";
        _listener.Prefixes.Add(Address);
        _listener.Start();
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Its address, with the last slash.</summary>
    internal string Address { get; }

    public void Dispose()
    {
        // A wait for a client that begins while the listener stops never ends by itself.
        _stop.Cancel();
        _serving.Wait();
        _listener.Close();
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync().WaitAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            byte[]? content = _answer(Address, context.Request.Url!.AbsolutePath);
            HttpListenerResponse response = context.Response;
            response.StatusCode = content is null ? 404 : 200;
            response.ContentType = context.Request.Url.AbsolutePath.EndsWith(".tgz", StringComparison.Ordinal) ? "application/octet-stream" : "application/json";
            response.Close(content ?? Encoding.UTF8.GetBytes("{}"), willBlock: true);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
