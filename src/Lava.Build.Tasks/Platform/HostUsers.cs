using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lava.Build.Platform;

/// <summary>The users of this host, by whatever means it knows them (nsswitch.conf(5)).</summary>
internal static unsafe partial class HostUsers
{
    private const int BufferSize = 16 * 1024;

    /// <summary>The user of a login name; null if there is none.</summary>
    internal static RunAs? Find(string name)
    {
        byte* buffer = stackalloc byte[BufferSize];
        Entry entry = default;
        Entry* found = null;
        return getpwnam_r(name, &entry, buffer, BufferSize, &found) == 0 && found is not null ? From(entry) : null;
    }

    /// <summary>A user's login name, or the id where it has none.</summary>
    internal static string NameOf(uint user)
    {
        byte* buffer = stackalloc byte[BufferSize];
        Entry entry = default;
        Entry* found = null;
        return getpwuid_r(user, &entry, buffer, BufferSize, &found) == 0 && found is not null
            ? From(entry).Name
            : user.ToString(CultureInfo.InvariantCulture);
    }

    private static RunAs From(in Entry entry) => new(entry.User, entry.Group, Text(entry.Name), Text(entry.Home));

    private static string Text(byte* text) => Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));

    /// <summary>struct passwd of pwd.h.</summary>
    private struct Entry
    {
        internal byte* Name;
        internal byte* Password;
        internal uint User;
        internal uint Group;
        internal byte* Comment;
        internal byte* Home;
        internal byte* Shell;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int getpwnam_r(string name, Entry* entry, byte* buffer, nuint size, Entry** found);

    [LibraryImport("libc")]
    private static partial int getpwuid_r(uint user, Entry* entry, byte* buffer, nuint size, Entry** found);
}
