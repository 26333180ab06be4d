using System.Globalization;
using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Sources;

/// <summary>Why apt failed.</summary>
/// <param name="Words">apt's own words, fit to be shown.</param>
/// <param name="Refusal">What the file system refused, if that was it: the network and the host's sources are not to blame then.</param>
internal sealed partial record AptFailure(string Words, Problem? Refusal)
{
    /// <summary>Reads what apt said.</summary>
    /// <param name="error">apt's standard error.</param>
    /// <param name="directory">Where apt was to write.</param>
    /// <param name="mention">What a line has that is about what was wanted; if none has, all count.</param>
    internal static AptFailure Of(string error, string directory, string mention = "") => new(
        AptWords.Of(error, mention),
        AptWords.Errors(error, mention).Select(line => RefusalIn(line, directory)).FirstOrDefault(problem => problem is not null));

    private static Problem? RefusalIn(string line, string directory)
    {
        if (NoRoomPattern().Match(line) is { Success: true } noRoom)
        {
            return Told(Posix.ENOSPC, noRoom.Groups["path"].Value);
        }

        Match call = CallPattern().Match(line);
        if (!call.Success || AnswerPattern().IsMatch(line)
            || !int.TryParse(call.Groups["error"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int error))
        {
            return null;
        }

        bool isOurs = line.Contains(directory, StringComparison.Ordinal);
        return error switch
        {
            // What apt only reads has room enough, and needs none.
            Posix.ENOSPC or Posix.EDQUOT or Posix.EROFS =>
                Told(error, !isOurs && PathPattern().Match(line) is { Success: true } path ? path.Value : directory),
            // This may also be said of a source that is a directory, or by a firewall.
            Posix.EACCES or Posix.EPERM when isOurs => Told(error, directory),
            _ => null,
        };
    }

    private static Problem? Told(int error, string path) => FileSystemProblem.From(Posix.Failure(error, path));

    [GeneratedRegex(@"^You don't have enough free space in (?<path>/.*[^/])/?\z")]
    private static partial Regex NoRoomPattern();

    // So apt tells of a system call, and always at the end. The rest of a line may hold names that others chose.
    [GeneratedRegex(@" - \w+ \((?<error>\d+): [^()]*\)( \[IP: [^\]]*\])?\z")]
    private static partial Regex CallPattern();

    // A server's answer ends with words of the server's own.
    [GeneratedRegex(@"\AFailed to fetch \S+ \d{3} ")]
    private static partial Regex AnswerPattern();

    [GeneratedRegex(@"(?<= )/\S+")]
    private static partial Regex PathPattern();
}
