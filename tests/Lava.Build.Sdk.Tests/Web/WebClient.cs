using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>A browser that finds every host on loopback, and follows, keeps and unpacks nothing by itself.</summary>
internal sealed class WebClient : IDisposable
{
    private readonly SocketsHttpHandler _handler;
    private readonly HttpClient _client;

    /// <param name="trusted">A certificate to trust; hosts' names are checked against it.</param>
    /// <param name="address">Where every host is; 127.0.0.1 by default.</param>
    public WebClient(X509Certificate2? trusted = null, IPAddress? address = null)
    {
        _handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectCallback = async (context, cancellation) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(new IPEndPoint(address ?? IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        if (trusted is not null)
        {
            X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(trusted);
            _handler.SslOptions.CertificateChainPolicy = policy;
        }

        _client = new HttpClient(_handler, disposeHandler: false) { Timeout = TimeSpan.FromSeconds(60) };
    }

    public Task<WebAnswer> GetAsync(string url, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, url, null, headers);

    public async Task<WebAnswer> SendAsync(HttpMethod method, string url, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using HttpRequestMessage request = new(method, url) { Content = content };
        foreach ((string name, string value) in headers)
        {
            Assert.IsTrue(request.Headers.TryAddWithoutValidation(name, value), name);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        Dictionary<string, string> answered = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new WebAnswer((int)response.StatusCode, answered, body);
    }

    public async Task<ClientWebSocket> OpenAsync(string url)
    {
        ClientWebSocket socket = new();
        using HttpMessageInvoker invoker = new(_handler, disposeHandler: false);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        await socket.ConnectAsync(new Uri(url), invoker, limit.Token);
        return socket;
    }

    /// <summary>One message.</summary>
    public static async Task<string> ReceiveAsync(WebSocket socket)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        byte[] buffer = new byte[65_536];
        WebSocketReceiveResult message = await socket.ReceiveAsync(buffer, limit.Token);
        return Encoding.UTF8.GetString(buffer, 0, message.Count);
    }

    /// <summary>The answers to the very text of <paramref name="request"/>, the last of whose requests closes the connection.</summary>
    public static async Task<string> SendRawAsync(int port, string request)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        using TcpClient client = new();
        await client.ConnectAsync(IPAddress.Loopback, port, limit.Token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), limit.Token);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(limit.Token);
    }

    public void Dispose()
    {
        _client.Dispose();
        _handler.Dispose();
    }
}

/// <summary>What a server said.</summary>
internal sealed record WebAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string this[string header] => Headers.GetValueOrDefault(header, "");

    public WebAnswer Is(int status)
    {
        Assert.AreEqual(status, Status, ToString());
        return this;
    }

    /// <summary>Asserts that a header was said exactly once, and what it was.</summary>
    public WebAnswer Has(string header, string value)
    {
        Assert.AreEqual(value, this[header], ToString());
        return this;
    }

    public override string ToString() => $"{Status} {string.Join("; ", Headers.Select(header => $"{header.Key}: {header.Value}"))}\n{(Text.Length > 2_000 ? Text[..2_000] : Text)}";
}
