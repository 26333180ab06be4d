using System.Globalization;
using System.Net;
using Lava.Build.Platform;

namespace Lava.Build.Services.Supervision;

/// <summary>A socket that listens, as <c>/proc/net/tcp</c> shows it (proc_net_tcp(5)).</summary>
/// <param name="Address">Where.</param>
/// <param name="Port">The port.</param>
/// <param name="User">Whose it is.</param>
/// <param name="Inode">Its inode, by which the process is found that has it open.</param>
internal sealed record Listener(IPAddress Address, int Port, uint User, long Inode);

/// <summary>Finds out who listens.</summary>
internal static class PortOwner
{
    private const string Listening = "0A";
    private const int AddressField = 1;
    private const int StateField = 3;
    private const int UserField = 7;
    private const int InodeField = 9;

    // In /proc/net/unix; connections that wait there have the same path, and no inode yet.
    private const string Accepting = "00010000";
    private const int FlagsField = 3;
    private const int PathField = 7;
    private const int UnixInodeField = 6;

    /// <summary>Who keeps others from listening there: pid, program and user, as far as they are for this user to know; null if nobody does.</summary>
    internal static string? OfTcp(ListenAddress address)
    {
        IPAddress[] wanted = AddressesOf(address.Host);
        Listener? listener = Read("/proc/net/tcp").Concat(Read("/proc/net/tcp6"))
            .FirstOrDefault(one => one.Port == address.Port && wanted.Any(own => Collide(own, one.Address)));
        return listener is null ? null : Describe(listener.Inode, listener.User);
    }

    /// <summary>Who listens on a unix socket that somebody does listen on.</summary>
    internal static string OfUnix(string path)
    {
        string[]? fields = Lines("/proc/net/unix").Select(line => line.Split(' ', PathField + 1, StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(one => one.Length > PathField && one[FlagsField] == Accepting && one[PathField] == path);
        return fields is null ? "another process" : Describe(long.Parse(fields[UnixInodeField], CultureInfo.InvariantCulture), FileStatus.Of(path)?.Owner);
    }

    /// <summary>Reads a line of <c>/proc/net/tcp</c> or <c>tcp6</c>; null if nobody listens there.</summary>
    internal static Listener? Parse(string line)
    {
        string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length <= InodeField || fields[StateField] != Listening)
        {
            return null;
        }

        string[] local = fields[AddressField].Split(':');
        byte[] bytes = Convert.FromHexString(local[0]);
        // The kernel writes 32-bit words of network order as numbers of the host.
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += sizeof(uint))
            {
                Array.Reverse(bytes, word, sizeof(uint));
            }
        }

        IPAddress address = new(bytes);
        return new Listener(
            address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address,
            int.Parse(local[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            uint.Parse(fields[UserField], CultureInfo.InvariantCulture),
            long.Parse(fields[InodeField], CultureInfo.InvariantCulture));
    }

    // A listener on every IPv6 address takes IPv4 as well, unless it says otherwise, which cannot be seen.
    private static bool Collide(IPAddress one, IPAddress other) =>
        one.Equals(other) || IsAny(one) || other.Equals(IPAddress.IPv6Any) || (other.Equals(IPAddress.Any) && one.AddressFamily == other.AddressFamily);

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static IPAddress[] AddressesOf(string host)
    {
        if (host.Length == 0 || host == "*")
        {
            return [IPAddress.Any];
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return [address];
        }

        try
        {
            return Dns.GetHostAddresses(host);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // The service says better what it cannot do with such a name.
            return [];
        }
    }

    private static IEnumerable<Listener> Read(string file) => Lines(file).Skip(1).Select(Parse).OfType<Listener>();

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

    private static string Describe(long inode, uint? user)
    {
        string socket = string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
        string name = user is { } known ? Posix.NameOfUser(known) : "an unknown user";
        ProcessStatus? owner = ProcessTable.All().FirstOrDefault(process => ProcessTable.OpenFiles(process.Id).Contains(socket));
        return owner is null
            ? $"a process of {name} that this user may not look at"
            : string.Create(CultureInfo.InvariantCulture, $"process {owner.Id} of {name}: {ProcessTable.CommandLine(owner)}");
    }
}
