using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>
/// An application behind a web server. It answers with the very bytes of the request's head, so that a test sees what was passed on,
/// and with the size of the body; a WebSocket it echoes.
/// </summary>
internal sealed class LoopbackBackend : IAsyncDisposable
{
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private readonly CancellationTokenSource _end = new();
    private readonly TcpListener _listener;
    private readonly Task _serving;

    public LoopbackBackend(int port = 0)
    {
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public int Port { get; }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        List<Task> connections = [];
        try
        {
            while (true)
            {
                connections.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                while (await ReadHeadAsync(stream) is { Length: > 0 } head)
                {
                    if (Header(head, "Upgrade") == "websocket")
                    {
                        await EchoAsync(stream, head);
                        return;
                    }

                    long size = await SkipBodyAsync(stream, head);
                    byte[] answer = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}body {size}\n"));
                    await stream.WriteAsync(
                        Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {answer.Length}\r\n\r\n"), _end.Token);
                    await stream.WriteAsync(answer, _end.Token);
                }
            }
            catch (Exception end) when (end is OperationCanceledException or IOException or WebSocketException)
            {
                // The server, or the test, has had enough of it.
            }
        }
    }

    private async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _end.Token) == 0)
            {
                return "";
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private async Task<long> SkipBodyAsync(NetworkStream stream, string head)
    {
        long length = Header(head, "Content-Length") is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        byte[] buffer = new byte[65_536];
        for (long left = length; left > 0;)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), _end.Token);
            left = count > 0 ? left - count : throw new IOException("The body broke off.");
        }

        return length;
    }

    private async Task EchoAsync(NetworkStream stream, string head)
    {
        // RFC 6455 asks for SHA-1 here.
#pragma warning disable CA5350
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Header(head, "Sec-WebSocket-Key") + WebSocketGuid)));
#pragma warning restore CA5350
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"),
            _end.Token);
        using WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        await socket.SendAsync(Encoding.UTF8.GetBytes(head), WebSocketMessageType.Text, true, _end.Token);
        byte[] buffer = new byte[4_096];
        while (await socket.ReceiveAsync(buffer, _end.Token) is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, _end.Token);
        }
    }

    private static string Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";
}
