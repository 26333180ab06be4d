using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Platform;

/// <summary>
/// Gives what root has made in an instance to the user that runs it. That user may exchange files at any moment, to be given others: so
/// everything is reached by directories that are open already, no link is followed, and a file that has several names keeps its owner.
/// A directory is given after all that is in it: one that is the user's already was given whole, and what root has in it since then, such
/// as the files of a service that runs as root, stays root's.
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

    /// <summary>What stays root's, because it has several names, is no file, is mounted there, or stands too deep.</summary>
    internal IReadOnlyList<string> LeftAlone => _leftAlone;

    /// <summary>Gives a directory of an instance, with everything in it.</summary>
    /// <param name="root">The instance.</param>
    /// <param name="name">The directory in it; nothing is given if another thing stands there.</param>
    internal void GiveAll(string root, string name) => Give(root, name, onlyPrivate: false);

    /// <summary>Gives what others may not read or pass in a directory of an instance, at any level; never the directory itself.</summary>
    /// <inheritdoc cref="GiveAll" path="/param"/>
    internal void GivePrivate(string root, string name) => Give(root, name, onlyPrivate: true);

    private void Give(string root, string name, bool onlyPrivate)
    {
        using SafeFileHandle instance = Posix.OpenDirectoryAt(root);
        // In the place of a whole directory a link may be an admin's, and leads to what that one gives.
        if (FileStatus.Of(instance, name) is { Kind: FileKind.Directory } seen)
        {
            Give(instance, name, Path.Combine(root, name), seen, onlyPrivate, 0);
        }
    }

    private void Give(SafeFileHandle parent, string name, string path, FileStatus seen, bool onlyPrivate, int level)
    {
        if (seen.Kind == FileKind.Directory && (onlyPrivate || seen.Owner == Root) && !GiveContent(parent, name, path, onlyPrivate, level))
        {
            return;
        }

        if (seen.Owner == Root && !(onlyPrivate && level == 0))
        {
            GiveOne(parent, name, path, onlyPrivate);
        }
    }

    private bool GiveContent(SafeFileHandle parent, string name, string path, bool onlyPrivate, int level)
    {
        if (level == MostLevels)
        {
            _leftAlone.Add(path);
            return false;
        }

        using SafeFileHandle? directory = Posix.TryOpenDirectory(parent, name);
        if (directory is null)
        {
            return false;
        }

        FileStatus own = FileStatus.Of(directory);
        foreach (string entry in NamesIn(directory))
        {
            string below = $"{path}/{entry}";
            if (FileStatus.Of(directory, entry) is not { } seen)
            {
                continue;
            }

            if (!seen.IsOnSameDevice(own))
            {
                // Whose it is, who mounted it has decided.
                if (seen.Owner == Root)
                {
                    _leftAlone.Add(below);
                }

                continue;
            }

            Give(directory, entry, below, seen, onlyPrivate, level + 1);
        }

        return true;
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
