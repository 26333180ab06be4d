using Lava.Build.Diagnostics;

namespace Lava.Build.Platform;

/// <summary>Whole directories.</summary>
internal static class FileTree
{
    /// <summary>rwxr-xr-x</summary>
    internal const UnixFileMode SharedMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>rwx------</summary>
    internal const UnixFileMode PrivateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Makes a directory of a release or the store, and those above it: rwxr-xr-x whatever the umask, as services of another
    /// user read it.
    /// </summary>
    internal static void MakeShared(string directory)
    {
        if (!Directory.Exists(directory))
        {
            MakeShared(Path.GetDirectoryName(directory)!);
            Make(directory, SharedMode);
        }
    }

    /// <summary>
    /// Makes a directory that appears with its mode, whatever the umask: if this is killed, the next build must not take one with
    /// another mode for an admin's wish. The directory above it must exist; what another has made and filled meanwhile stays.
    /// </summary>
    internal static void Make(string directory, UnixFileMode mode)
    {
        string temporary = AtomicFile.TemporaryDirectory(directory);
        try
        {
            Posix.MakeDirectory(temporary, PrivateMode);
        }
        catch (IOException failure)
        {
            throw Posix.Failure(failure.HResult, directory);
        }

        try
        {
            File.SetUnixFileMode(temporary, mode);
            Posix.Rename(temporary, directory);
        }
        catch (IOException) when (Directory.Exists(directory))
        {
            Delete(temporary);
        }
        catch
        {
            Delete(temporary);
            throw;
        }
    }

    /// <summary>As <see cref="MakeShared"/>, of what appears later, with all that is in it: where nothing stands yet in a directory that does.</summary>
    internal static void MakeSharedFresh(string directory)
    {
        Posix.MakeDirectory(directory, SharedMode);
        File.SetUnixFileMode(directory, SharedMode);
    }

    /// <summary>Lets the directory <paramref name="fresh"/> stand at <paramref name="place"/>, whatever stands there.</summary>
    /// <returns>Whether something stood there, which is at <paramref name="fresh"/> now: links through it lead somewhere at all times.</returns>
    internal static bool Put(string fresh, string place)
    {
        if (FileStatus.Of(place) is null)
        {
            Posix.Rename(fresh, place);
            return false;
        }

        if (!Posix.TryExchange(fresh, place))
        {
            // The nearest that such a file system can do.
            string aside = $"{fresh}.aside";
            Posix.Rename(place, aside);
            Posix.Rename(fresh, place);
            Posix.Rename(aside, fresh);
        }

        return true;
    }

    /// <summary>Deletes a directory of ours with everything in it, following no link; one that is not there is no failure.</summary>
    internal static void Delete(string directory)
    {
        try
        {
            if (Directory.Exists(directory))
            {
                DeleteWhatMayNotBeWritten(directory);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Another deletes the same.
        }
    }

    // A command may make directories that not even their owner may write.
    private static void DeleteWhatMayNotBeWritten(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException and not DirectoryNotFoundException)
        {
            LetOwnerWrite(directory);
            Directory.Delete(directory, recursive: true);
        }
    }

    // Nothing behind a link: who may put one here may not say what else is opened.
    private static void LetOwnerWrite(string directory)
    {
        if (FileStatus.Of(directory) is not { Kind: FileKind.Directory })
        {
            return;
        }

        File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | PrivateMode);
        foreach (string inner in Directory.EnumerateDirectories(directory, "*", new EnumerationOptions { AttributesToSkip = FileAttributes.None }))
        {
            LetOwnerWrite(inner);
        }
    }

    /// <summary>As <see cref="Delete"/>, of what another user may have left: that stays, and is told to those who ask for details.</summary>
    internal static void DeleteIfAllowed(string directory, IBuildLog log)
    {
        try
        {
            Delete(directory);
        }
        catch (Exception failure) when (failure is UnauthorizedAccessException or IOException)
        {
            log.Detail($"{directory} stays: {failure.Message}");
        }
    }
}
