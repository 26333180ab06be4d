using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Lava.Build.Tests;

/// <summary>An HTTP server on the loopback interface that answers each request, one a connection, as the test says.</summary>
internal sealed class LoopbackServer : LoopbackListener
{
    private readonly Func<LoopbackExchange, Task> _answer;
    private readonly X509Certificate2? _certificate;
    private readonly ConcurrentQueue<LoopbackExchange> _exchanges = new();

    public LoopbackServer(Func<LoopbackExchange, Task> answer, X509Certificate2? certificate = null)
    {
        _answer = answer;
        _certificate = certificate;
        Start();
    }

    public IReadOnlyList<LoopbackExchange> Exchanges => [.. _exchanges];

    public string Url(string path) => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}/{path}";

    protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        Stream stream = client.GetStream();
        if (_certificate is not null)
        {
            SslStream secure = new(stream);
            await secure.AuthenticateAsServerAsync(_certificate);
            stream = secure;
        }

        await using (stream)
        {
            string[] head = await ReadHeadAsync(stream, stop);
            if (head.Length > 0)
            {
                LoopbackExchange exchange = new(stream, _exchanges.Count, head, stop);
                _exchanges.Enqueue(exchange);
                await _answer(exchange);
            }
        }
    }

    private static async Task<string[]> ReadHeadAsync(Stream stream, CancellationToken stop)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return [];
            }

            head.Append((char)one[0]);
        }

        return head.ToString().TrimEnd().Split("\r\n");
    }
}

/// <summary>One request, and the ways to answer it.</summary>
internal sealed class LoopbackExchange(Stream stream, int index, string[] head, CancellationToken stop)
{
    /// <summary>How many requests came before.</summary>
    public int Index { get; } = index;

    /// <summary>What is asked for: a path, or a URL if this is a proxy.</summary>
    public string Target { get; } = head[0].Split(' ')[1];

    /// <summary>A header's value, or null.</summary>
    public string? this[string header] => head.Skip(1)
        .Where(line => line.StartsWith($"{header}: ", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(header.Length + 2)..])
        .FirstOrDefault();

    /// <summary>The first byte of a range that is asked for, or 0.</summary>
    public int RangeStart => this["Range"] is { } range
        ? int.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture)
        : 0;

    /// <summary>Sends a head; "Name: value" lines.</summary>
    public Task HeadAsync(string status, params string[] headers) =>
        SendAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {status}\r\n{string.Concat(headers.Select(line => line + "\r\n"))}Connection: close\r\n\r\n"));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes)
    {
        await stream.WriteAsync(bytes, stop);
        await stream.FlushAsync(stop);
    }

    /// <summary>A whole answer.</summary>
    public async Task ReplyAsync(string status, byte[] body, params string[] headers)
    {
        await HeadAsync(status, [$"Content-Length: {body.Length}", .. headers]);
        await SendAsync(body);
    }

    /// <summary>The answer to a range request, from where it starts.</summary>
    public Task ReplyRangeAsync(byte[] whole, params string[] headers) => ReplyAsync(
        "206 Partial Content", whole[RangeStart..], [$"Content-Range: bytes {RangeStart}-{whole.Length - 1}/{whole.Length}", .. headers]);

    /// <summary>Keeps the connection open and says nothing more.</summary>
    public Task StallAsync() => Task.Delay(Timeout.Infinite, stop);
}
