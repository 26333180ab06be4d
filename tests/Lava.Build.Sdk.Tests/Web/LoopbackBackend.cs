using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Lava.Build.Tests;

namespace Lava.Build.Sdk.Tests;

/// <summary>
/// An application behind a web server. It answers with the very bytes of the request's head, so that a test sees what was passed on,
/// and with the size of the body; a WebSocket it echoes.
/// </summary>
internal sealed class LoopbackBackend : LoopbackListener
{
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public LoopbackBackend(int port = 0)
        : base(port) => Start();

    protected override async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        NetworkStream stream = client.GetStream();
        while (await ReadHeadAsync(stream, stop) is { Length: > 0 } head)
        {
            if (Header(head, "Upgrade") == "websocket")
            {
                await EchoAsync(stream, head, stop);
                return;
            }

            long size = await SkipBodyAsync(stream, head, stop);
            byte[] answer = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{head}body {size}\n"));
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {answer.Length}\r\n\r\n"), stop);
            await stream.WriteAsync(answer, stop);
        }
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream, CancellationToken stop)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, stop) == 0)
            {
                return "";
            }

            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static async Task<long> SkipBodyAsync(NetworkStream stream, string head, CancellationToken stop)
    {
        long length = Header(head, "Content-Length") is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
        byte[] buffer = new byte[65_536];
        for (long left = length; left > 0;)
        {
            int count = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), stop);
            left = count > 0 ? left - count : throw new IOException("The body broke off.");
        }

        return length;
    }

    private static async Task EchoAsync(NetworkStream stream, string head, CancellationToken stop)
    {
        // RFC 6455 asks for SHA-1 here.
#pragma warning disable CA5350
        string accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(Header(head, "Sec-WebSocket-Key") + WebSocketGuid)));
#pragma warning restore CA5350
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"),
            stop);
        using WebSocket socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true });
        await socket.SendAsync(Encoding.UTF8.GetBytes(head), WebSocketMessageType.Text, true, stop);
        byte[] buffer = new byte[4_096];
        while (await socket.ReceiveAsync(buffer, stop) is { MessageType: not WebSocketMessageType.Close } message)
        {
            await socket.SendAsync(buffer.AsMemory(0, message.Count), message.MessageType, message.EndOfMessage, stop);
        }
    }

    private static string Header(string head, string name) =>
        head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";
}
