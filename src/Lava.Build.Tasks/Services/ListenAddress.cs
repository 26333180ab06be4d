using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Lava.Build.Platform;

namespace Lava.Build.Services;

/// <summary>Where a service listens: a TCP port of a host, or a unix socket.</summary>
/// <param name="Host">A name or address, or empty for every address of this host.</param>
/// <param name="Port">The TCP port; 0 for a unix socket.</param>
/// <param name="Path">The socket's absolute path; empty for TCP.</param>
internal sealed record ListenAddress(string Host, int Port, string Path)
{
    /// <summary>What <c>sun_path</c> of unix(7) holds besides the zero byte at its end.</summary>
    internal const int LongestPath = 107;

    /// <summary>Whether it is a unix socket.</summary>
    internal bool IsUnix => Path.Length > 0;

    /// <summary>
    /// Whether a text is <c>host:port</c>, <c>[IPv6 address]:port</c> or <c>:port</c>, or a socket's path relative to the instance, which has a slash.
    /// </summary>
    internal static bool IsPlace(string text) => ParsePort(text) is not null || (text.Contains('/', StringComparison.Ordinal) && RelativePath.IsInside(text));

    /// <summary>Reads what <see cref="IsPlace"/> once its holes are filled.</summary>
    internal static ListenAddress Parse(string text, RunHoles holes)
    {
        string filled = holes.Fill(text);
        return ParsePort(filled) ?? new ListenAddress("", 0, System.IO.Path.GetFullPath(filled, holes.InstanceRoot));
    }

    /// <summary>How many bytes the socket's path has.</summary>
    internal int PathLength => Encoding.UTF8.GetByteCount(Path);

    /// <summary>Connects, and hangs up at once. Where a service listens on every address, this host's own is asked.</summary>
    /// <returns>Null if somebody accepts there; else what was seen.</returns>
    internal async Task<string?> ConnectAsync(CancellationToken cancellation)
    {
        try
        {
            using Socket socket = IsUnix
                ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
                : new Socket(SocketType.Stream, ProtocolType.Tcp);
            EndPoint place = IsUnix
                ? new UnixDomainSocketEndPoint(Path)
                : new DnsEndPoint(Host is "" or "*" or "0.0.0.0" ? "127.0.0.1" : Host is "::" ? "::1" : Host, Port);
            await socket.ConnectAsync(place, cancellation);
            return null;
        }
        catch (Exception failure) when (failure is SocketException or ArgumentException)
        {
            // Nobody accepts, the path is too long for a socket, or no descriptor is left.
            return $"{this}: {failure.Message}";
        }
    }

    /// <inheritdoc/>
    public override string ToString() => IsUnix ? Path
        : string.Create(CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    private static ListenAddress? ParsePort(string text)
    {
        int colon = text.LastIndexOf(':');
        if (colon < 0
            || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            || port is < 1 or > ushort.MaxValue)
        {
            return null;
        }

        string host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
        {
            host = host[1..^1];
            return IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6
                ? new ListenAddress(host, port, "")
                : null;
        }

        // An IPv6 address without brackets does not tell which of its numbers is the port.
        return host.AsSpan().IndexOfAny(":/[]") < 0 ? new ListenAddress(host, port, "") : null;
    }
}
