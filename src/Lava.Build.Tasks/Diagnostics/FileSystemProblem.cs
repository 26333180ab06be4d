using System.Text.RegularExpressions;
using Lava.Build.Platform;

namespace Lava.Build.Diagnostics;

/// <summary>Tells what the file system refused in words that say what to do.</summary>
public static partial class FileSystemProblem
{
    /// <summary>The problem behind an exception, or null if it is none of the file system's.</summary>
    public static Problem? From(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var inner, ..] } => From(inner),
        UnauthorizedAccessException => Of(Strings.NoPermission, failure),
        PathTooLongException => Of(Strings.PathTooLong, failure),
        IOException io => io.HResult switch
        {
            Posix.ENOSPC => Of(Strings.DiskFull, failure, "its file system has no room or no inode left (see df -h and df -i)"),
            Posix.EDQUOT => Of(Strings.DiskFull, failure, "the quota there is used up (see quota)"),
            Posix.EACCES or Posix.EPERM => Of(Strings.NoPermission, failure),
            Posix.EROFS => Of(Strings.ReadOnlyFileSystem, failure),
            Posix.ENAMETOOLONG => Of(Strings.PathTooLong, failure),
            _ => Of(Strings.InputOutput, failure),
        },
        _ => null,
    };

    /// <summary>
    /// Whether what cannot be read is as good as damaged: the disk cannot read it, it is none of what it should be, or this user may not.
    /// A process or host that has too much open says nothing of it.
    /// </summary>
    public static bool IsDamage(Exception failure) =>
        failure is UnauthorizedAccessException or IOException { HResult: not (Posix.EINTR or Posix.ENOMEM or Posix.ENFILE or Posix.EMFILE) };

    private static Problem Of(string resource, Exception failure, string? reason = null)
    {
        // A file is written beside its place first; the place is what the user knows.
        string path = TemporaryPattern().Replace(PathIn(failure.Message), "");
        return Problem.Error(resource, SourceLocation.None, path, reason ?? failure.Message);
    }

    // .NET tells the path only in its message, in quotes; ours stands before the colon.
    private static string PathIn(string message)
    {
        int separator = message.LastIndexOf(": ", StringComparison.Ordinal);
        if (separator > 0 && message[0] == '/')
        {
            return message[..separator];
        }

        int start = message.IndexOf('\'', StringComparison.Ordinal);
        int end = message.LastIndexOf('\'');
        if (start >= 0 && end > start)
        {
            return message[(start + 1)..end];
        }

        return separator > 0 ? message[..separator] : message;
    }

    [GeneratedRegex(@"\.[0-9a-f]{32}\.tmp\z")]
    private static partial Regex TemporaryPattern();
}
