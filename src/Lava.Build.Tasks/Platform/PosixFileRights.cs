using System.Runtime.InteropServices;

namespace Lava.Build.Platform;

/// <summary>Whose rights on files a thread has.</summary>
/// <param name="User">The user's id.</param>
/// <param name="Group">The id of the first group.</param>
/// <param name="Groups">The ids of all further groups.</param>
internal readonly record struct FileRights(uint User, uint Group, uint[] Groups);

/// <summary>
/// The system calls on a single thread's rights. The C library's setgroups(3) would change those of the whole process, so the kernel is
/// called past it.
/// </summary>
internal static unsafe partial class Posix
{
    // Neither is valid, so the answer is the id before, which stays.
    private const uint NoId = uint.MaxValue;

    // asm/unistd_64.h of x86, and asm-generic/unistd.h of all others that .NET runs on here.
    private static readonly nint SetGroups = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 116 : 159;

    /// <summary>What this thread has.</summary>
    internal static FileRights OwnFileRights()
    {
        int count = getgroups(0, null);
        Check(count, "getgroups");
        uint[] groups = new uint[count];
        fixed (uint* first = groups)
        {
            Check(getgroups(count, first), "getgroups");
        }

        return new FileRights((uint)setfsuid(NoId), (uint)setfsgid(NoId), groups);
    }

    /// <summary>Changes what this thread has (setgroups(2), setfsuid(2)); the kernel says nothing of success of the latter, so it is asked again.</summary>
    /// <returns>Whether they are those now.</returns>
    internal static bool TrySetFileRights(FileRights rights)
    {
        fixed (uint* groups = rights.Groups)
        {
            if (syscall(SetGroups, rights.Groups.Length, groups) != 0)
            {
                return false;
            }
        }

        _ = setfsgid(rights.Group);
        _ = setfsuid(rights.User);
        return (uint)setfsuid(NoId) == rights.User && (uint)setfsgid(NoId) == rights.Group;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getgroups(int count, uint* groups);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint count, uint* groups);

    [LibraryImport("libc")]
    private static partial int setfsuid(uint user);

    [LibraryImport("libc")]
    private static partial int setfsgid(uint group);
}
