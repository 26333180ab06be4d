using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// Gives what root has made in an instance to the user that runs it. That user may exchange files at any moment, to be given others: so
/// everything is reached by directories that are open already, no link is followed, and a file that has several names keeps its owner.
/// Only what is root's is changed, so a second time nothing is.
/// </summary>
internal sealed class OwnershipGift(RunAs user)
{
    private const uint Root = 0;
    private const int MostLevels = 200;
    private const UnixFileMode Readable = UnixFileMode.OtherRead;
    private const UnixFileMode Passable = UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
    private static readonly EnumerationOptions Everything = new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };
    private readonly List<string> _leftAlone = [];

    /// <summary>How many files and directories were given.</summary>
    internal int Given { get; private set; }

    /// <summary>What stays root's, because it has several names, is no file, or stands too deep.</summary>
    internal IReadOnlyList<string> LeftAlone => _leftAlone;

    /// <summary>Gives a directory of an instance, with everything in it.</summary>
    /// <param name="root">The instance.</param>
    /// <param name="name">The directory in it; nothing is given if another thing stands there.</param>
    /// <param name="onlyPrivate">Whether only that is given which others may not read.</param>
    internal void Give(string root, string name, bool onlyPrivate)
    {
        using SafeFileHandle instance = Posix.OpenDirectoryAt(root);
        Give(instance, name, Path.Combine(root, name), onlyPrivate, 0);
    }

    private void Give(SafeFileHandle parent, string name, string path, bool onlyPrivate, int level)
    {
        // In the place of a whole directory a link may be an admin's, and leads to what that one gives.
        if (FileStatus.Of(parent, name) is not { } seen || (level == 0 && seen.Kind == FileKind.Link))
        {
            return;
        }

        if (seen.Owner == Root)
        {
            GiveOne(parent, name, path, onlyPrivate);
        }

        if (seen.Kind != FileKind.Directory)
        {
            return;
        }

        if (level == MostLevels)
        {
            _leftAlone.Add(path);
            return;
        }

        using SafeFileHandle? directory = Posix.TryOpenDirectory(parent, name);
        if (directory is null)
        {
            return;
        }

        foreach (string entry in NamesIn(directory))
        {
            Give(directory, entry, $"{path}/{entry}", onlyPrivate, level + 1);
        }
    }

    // What is looked at here is what is given, whatever name it has by then.
    private void GiveOne(SafeFileHandle parent, string name, string path, bool onlyPrivate)
    {
        using SafeFileHandle? held = Posix.TryHold(parent, name);
        if (held is null)
        {
            return;
        }

        FileStatus status = FileStatus.Of(held);
        UnixFileMode open = status.Kind == FileKind.Directory ? Passable : Readable;
        if (status.Owner != Root || (onlyPrivate && (status.Kind == FileKind.Link || (status.Mode & open) == open)))
        {
            return;
        }

        if (status.Kind is FileKind.BlockDevice or FileKind.CharacterDevice || (status.Kind != FileKind.Directory && status.Links > 1))
        {
            _leftAlone.Add(path);
            return;
        }

        Posix.Give(held, user.Uid, user.Gid, path);
        Given++;
    }

    // By the open directory, not by its path: that may lead elsewhere by now.
    private static string[] NamesIn(SafeFileHandle directory) =>
    [
        .. new FileSystemEnumerable<string>(
            $"/proc/self/fd/{directory.DangerousGetHandle()}", (ref FileSystemEntry entry) => entry.FileName.ToString(), Everything),
    ];
}
