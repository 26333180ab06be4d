using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Cache;

/// <summary>An archive or a tree of the cache that is not what its name says.</summary>
internal static class DamagedEntry
{
    /// <summary>Moves it to where nobody takes it for good, so that another can take its place.</summary>
    /// <returns>Where it is now; null if another build was faster.</returns>
    /// <exception cref="LavaException">This user may not move it (LAVA2005).</exception>
    internal static string? SetAside(CacheLayout layout, string path, string difference)
    {
        string aside = Path.Combine(layout.Damaged, $"{Path.GetFileName(path)}.{Guid.NewGuid():N}");
        try
        {
            // Any part of the cache may have been deleted meanwhile.
            layout.MakeDirectory(layout.Damaged);
            Posix.Rename(path, aside);
        }
        catch (IOException failure) when (failure.HResult == Posix.ENOENT)
        {
            return null;
        }
        catch (Exception failure) when (IsRefused(failure))
        {
            string owner = FileStatus.Of(path) is { } status ? status.Owner.ToString(CultureInfo.InvariantCulture) : "unknown";
            throw Problem.Error(Strings.DamagedEntryStays, SourceLocation.None, path, difference, owner).ToException(failure);
        }

        // How long it has been here counts, not how old it is.
        Posix.TryTouch(aside);
        return aside;
    }

    /// <summary>Whether the file system refused something for want of a right.</summary>
    internal static bool IsRefused(Exception failure) =>
        failure is UnauthorizedAccessException || failure is IOException { HResult: Posix.EPERM or Posix.EACCES or Posix.EROFS };
}
