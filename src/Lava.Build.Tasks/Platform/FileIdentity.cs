namespace Lava.Build.Platform;

/// <summary>
/// Lets root touch an unprivileged user's files as that user would: whoever owns a directory may put links there that lead anywhere.
/// Holds for one thread, so nothing in between may be awaited.
/// </summary>
internal readonly ref struct FileIdentity
{
    private readonly bool _changed;

    private FileIdentity(bool changed) => _changed = changed;

    /// <summary>Takes the user's rights on files until it is disposed; nothing changes for null, or for who is not root.</summary>
    /// <exception cref="UnauthorizedAccessException">The kernel does not let this process take them.</exception>
    internal static FileIdentity Of(RunAs? user)
    {
        if (user is null || user.Uid == 0 || Posix.EffectiveUser() != 0)
        {
            return new FileIdentity(changed: false);
        }

        return Posix.TrySetFileIdentity(user.Uid, user.Gid)
            ? new FileIdentity(changed: true)
            : throw new UnauthorizedAccessException($"The files of '{user.Name}' cannot be touched with that user's rights.");
    }

    /// <summary>Takes root's rights back.</summary>
    public void Dispose()
    {
        if (_changed)
        {
            _ = Posix.TrySetFileIdentity(0, 0);
        }
    }
}
