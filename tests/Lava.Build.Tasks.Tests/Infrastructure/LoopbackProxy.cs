using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Lava.Build.Tests;

/// <summary>A proxy on the loopback interface: HTTP's CONNECT, or SOCKS version 5 without a password. It asks for names' own addresses never.</summary>
internal sealed class LoopbackProxy : LoopbackListener
{
    private readonly bool _socks;
    private readonly int _target;
    private readonly string _status;
    private readonly ConcurrentQueue<string> _asked = new();

    /// <summary>Passes every connection on to a port of this machine, whatever is asked for.</summary>
    public LoopbackProxy(bool socks, int target, string status = "200 OK")
    {
        _socks = socks;
        _target = target;
        _status = status;
        Start();
    }

    /// <summary>What was asked for, as <c>host:port</c>.</summary>
    public IReadOnlyList<string> Asked => [.. _asked];

    protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        using TcpClient server = new();
        NetworkStream near = client.GetStream();
        if (!await (_socks ? GreetSocksAsync(near, stop) : GreetHttpAsync(near, stop)))
        {
            return;
        }

        await server.ConnectAsync(IPAddress.Loopback, _target, stop);
        NetworkStream far = server.GetStream();
        await Task.WhenAny(near.CopyToAsync(far, stop), far.CopyToAsync(near, stop));
    }

    private async Task<bool> GreetHttpAsync(NetworkStream stream, CancellationToken stop)
    {
        StringBuilder head = new();
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            head.Append((char)(await ReadAsync(stream, 1, stop))[0]);
        }

        _asked.Enqueue(head.ToString().Split(' ')[1]);
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"HTTP/1.1 {_status}\r\nContent-Length: 0\r\n\r\n"), stop);
        return _status.StartsWith("200", StringComparison.Ordinal);
    }

    // RFC 1928: methods, then a request with the kind of address (1: four bytes, 3: a name).
    private async Task<bool> GreetSocksAsync(NetworkStream stream, CancellationToken stop)
    {
        byte[] greeting = await ReadAsync(stream, 2, stop);
        await ReadAsync(stream, greeting[1], stop);
        await stream.WriteAsync(new byte[] { 5, 0 }, stop);
        byte[] request = await ReadAsync(stream, 4, stop);
        string host = request[3] == 3
            ? Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1, stop))[0], stop))
            : new IPAddress(await ReadAsync(stream, 4, stop)).ToString();
        int port = BinaryPrimitives.ReadUInt16BigEndian(await ReadAsync(stream, 2, stop));
        _asked.Enqueue($"{host}:{port}");
        await stream.WriteAsync(new byte[] { 5, 0, 0, 1, 0, 0, 0, 0, 0, 0 }, stop);
        return true;
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count, CancellationToken stop)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes, stop);
        return bytes;
    }
}
