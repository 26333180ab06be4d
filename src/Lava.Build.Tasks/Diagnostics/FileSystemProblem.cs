using Lava.Build.Platform;

namespace Lava.Build.Diagnostics;

/// <summary>Tells what the file system refused in words that say what to do.</summary>
public static class FileSystemProblem
{
    /// <summary>The problem behind an exception, or null if it is none of the file system's.</summary>
    public static Problem? From(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var inner, ..] } => From(inner),
        UnauthorizedAccessException => Of(Strings.NoPermission, failure),
        PathTooLongException => Of(Strings.PathTooLong, failure),
        IOException io => io.HResult switch
        {
            Posix.ENOSPC or Posix.EDQUOT => Of(Strings.DiskFull, failure),
            Posix.EACCES or Posix.EPERM => Of(Strings.NoPermission, failure),
            Posix.EROFS => Of(Strings.ReadOnlyFileSystem, failure),
            Posix.ENAMETOOLONG => Of(Strings.PathTooLong, failure),
            _ => Of(Strings.InputOutput, failure),
        },
        _ => null,
    };

    private static Problem Of(string resource, Exception failure) =>
        Problem.Error(resource, SourceLocation.None, PathIn(failure.Message), failure.Message);

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
}
