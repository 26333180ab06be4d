using System.Collections.Concurrent;

namespace Lava.Build.Platform;

/// <summary>
/// Lets root touch an unprivileged user's files as that user would: whoever owns a directory may put links there that lead anywhere.
/// Holds for one thread, so nothing in between may be awaited, and nothing done that starts threads, which would inherit it.
/// </summary>
internal readonly ref struct FileIdentity
{
    // Asking the host each time could mean asking a directory service.
    private static readonly ConcurrentDictionary<RunAs, uint[]> Groups = new();
    private readonly FileRights? _before;

    private FileIdentity(FileRights before) => _before = before;

    /// <summary>Takes the user's rights on files until it is disposed; nothing changes for null, or for who is not root.</summary>
    /// <exception cref="UnauthorizedAccessException">The kernel does not let this process take them.</exception>
    internal static FileIdentity Of(RunAs? user)
    {
        if (user is null || user.Uid == 0 || Posix.EffectiveUser() != 0)
        {
            return default;
        }

        FileRights before = Posix.OwnFileRights();
        if (Posix.TrySetFileRights(new FileRights(user.Uid, user.Gid, Groups.GetOrAdd(user, Posix.GroupsOf))))
        {
            return new FileIdentity(before);
        }

        _ = Posix.TrySetFileRights(before);
        throw new UnauthorizedAccessException($"The files of '{user.Name}' cannot be touched with that user's rights.");
    }

    /// <summary>
    /// As <see cref="Of"/>, for what is to be made at <paramref name="path"/>: takes the rights of whoever owns the first directory on the
    /// way there that is not root's. Nobody else can exchange what stands before that one.
    /// </summary>
    /// <param name="root">An absolute directory that only root can exchange.</param>
    /// <param name="path">Relative to it.</param>
    /// <inheritdoc cref="Of" path="/exception"/>
    internal static FileIdentity At(string root, string path)
    {
        if (Posix.EffectiveUser() != 0)
        {
            return default;
        }

        string[] names = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string directory = root;
        foreach (string name in names.SkipLast(1))
        {
            directory = Path.Combine(directory, name);
            if (FileStatus.Behind(directory) is not { Kind: FileKind.Directory } status)
            {
                break;
            }

            if (status.Owner != 0)
            {
                return Of(Posix.FindUser(status.Owner) ?? new RunAs(status.Owner, status.Group, Posix.NameOfUser(status.Owner), "/"));
            }
        }

        return default;
    }

    /// <summary>Takes back the rights that this thread had.</summary>
    public void Dispose()
    {
        if (_before is { } before)
        {
            _ = Posix.TrySetFileRights(before);
        }
    }
}
