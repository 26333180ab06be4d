using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lava.Build.Services;

/// <summary>Where a service listens: a TCP port of a host, or a unix socket.</summary>
/// <param name="Host">A name or address, or empty for every address of this host.</param>
/// <param name="Port">The TCP port; 0 for a unix socket.</param>
/// <param name="Path">The socket's absolute path; empty for TCP.</param>
internal sealed partial record ListenAddress(string Host, int Port, string Path)
{
    /// <summary>What <c>sun_path</c> of unix(7) holds besides the zero byte at its end.</summary>
    internal const int LongestPath = 107;

    /// <summary>Whether it is a unix socket.</summary>
    internal bool IsUnix => Path.Length > 0;

    /// <summary>Reads <c>host:port</c>, or a socket's path relative to the instance.</summary>
    internal static ListenAddress Parse(string text, RunHoles holes)
    {
        string filled = holes.Fill(text);
        Match match = TcpPattern().Match(filled);
        return match.Success && int.TryParse(match.Groups["port"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port is > 0 and <= ushort.MaxValue
            ? new ListenAddress(match.Groups["host"].Value.Trim('[', ']'), port, "")
            : new ListenAddress("", 0, System.IO.Path.GetFullPath(filled, holes.InstanceRoot));
    }

    /// <summary>How many bytes the socket's path has.</summary>
    internal int PathLength => Encoding.UTF8.GetByteCount(Path);

    /// <inheritdoc/>
    public override string ToString() => IsUnix ? Path : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    [GeneratedRegex(@"\A(?<host>\[[0-9A-Fa-f:.]*\]|[^/:]*):(?<port>[0-9]+)\z")]
    private static partial Regex TcpPattern();
}
