using System.Text.RegularExpressions;

namespace Lava.Build.Sdk.Tests.Fire;

/// <summary>Reads what `strace -f -y -o` writes.</summary>
internal static partial class StraceParser
{
    /// <summary>The calls to trace: all that changes a file system, or syncs one.</summary>
    public const string Calls = "trace=open,openat,creat,write,pwrite64,writev,pwritev,pwritev2,copy_file_range,sendfile,ftruncate,truncate,fallocate,"
        + "link,linkat,symlink,symlinkat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,rmdir,chmod,fchmod,fchmodat,?fchmodat2,utimensat,"
        + "fsync,fdatasync,sync,syncfs,sync_file_range,mknod,mknodat,ioctl";

    public static IReadOnlyList<TraceEvent> Parse(IEnumerable<string> lines)
    {
        List<TraceEvent> events = [];
        Dictionary<string, (string Text, int Line)> unfinished = [];
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            Match match = LinePattern().Match(line);
            if (!match.Success)
            {
                continue;
            }

            string process = match.Groups["process"].Value;
            string call = match.Groups["call"].Value;
            int start = number;
            if (call.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                unfinished[process] = (call[..call.LastIndexOf('<')], number);
                continue;
            }

            if (call.StartsWith("<... ", StringComparison.Ordinal))
            {
                (string text, start) = unfinished[process];
                unfinished.Remove(process);
                call = text.TrimEnd() + call[(call.IndexOf("resumed>", StringComparison.Ordinal) + "resumed>".Length)..];
            }

            if (Of(call, start, number) is { } found)
            {
                events.Add(found);
            }
        }

        return events;
    }

    private static TraceEvent? Of(string call, int start, int end)
    {
        Match match = CallPattern().Match(call);
        if (!match.Success || match.Groups["result"].Value.StartsWith('-'))
        {
            return null;
        }

        string arguments = match.Groups["arguments"].Value;
        TraceEvent? Event(TraceKind kind, string? path, string? other = null) => path is null ? null : new TraceEvent(kind, path, other, start, end);
        switch (match.Groups["name"].Value)
        {
            case "open" or "openat" or "creat":
                bool makes = arguments.Contains("O_CREAT", StringComparison.Ordinal) || arguments.Contains("O_TRUNC", StringComparison.Ordinal) || call.StartsWith("creat", StringComparison.Ordinal);
                return makes ? Event(TraceKind.Create, Descriptor(match.Groups["result"].Value) ?? Paths(arguments)[0]) : null;
            case "write" or "pwrite64" or "writev" or "pwritev" or "pwritev2" or "ftruncate" or "fallocate" or "sendfile":
                return Event(TraceKind.Write, Descriptor(arguments));
            case "copy_file_range":
                return Event(TraceKind.Write, Descriptor(arguments[(arguments.IndexOf('>', StringComparison.Ordinal) + 1)..]));
            case "utimensat" or "chmod" or "fchmod" or "fchmodat" or "fchmodat2":
                return Event(TraceKind.Status, Paths(arguments) is [var named, ..] ? named : Descriptor(arguments));
            case "truncate":
                return Event(TraceKind.Write, Paths(arguments)[0]);
            case "mkdir" or "mkdirat":
                return Event(TraceKind.MakeDirectory, Paths(arguments)[0]);
            case "mknod" or "mknodat":
                return Event(TraceKind.Create, Paths(arguments)[0]);
            case "symlink" or "symlinkat":
                return Event(TraceKind.SymbolicLink, Paths(arguments)[^1]);
            case "link" or "linkat":
                return Event(TraceKind.HardLink, Paths(arguments)[1], Paths(arguments)[0]);
            case "rename" or "renameat" or "renameat2":
                bool exchange = arguments.Contains("RENAME_EXCHANGE", StringComparison.Ordinal);
                return Event(exchange ? TraceKind.Exchange : TraceKind.Rename, Paths(arguments)[0], Paths(arguments)[1]);
            case "unlink" or "unlinkat" or "rmdir":
                return Event(TraceKind.Delete, Paths(arguments)[0]);
            case "fsync" or "fdatasync":
                return Event(TraceKind.Sync, Descriptor(arguments));
            case "syncfs":
                return Event(TraceKind.SyncFileSystem, Descriptor(arguments));
            case "sync":
                return Event(TraceKind.SyncAll, "/");
            case "ioctl" when arguments.Contains("FICLONE", StringComparison.Ordinal):
                return Event(TraceKind.Write, Descriptor(arguments));
            default:
                return null;
        }
    }

    // `-y` puts the path of a descriptor behind it.
    private static string? Descriptor(string text) => DescriptorPattern().Match(text) is { Success: true } match ? match.Groups["path"].Value : null;

    // Quoted paths, those of relative ones joined to the directory before them.
    private static string[] Paths(string arguments) =>
    [
        .. PathPattern().Matches(arguments).Select(match => Path.GetFullPath(
            Regex.Unescape(match.Groups["path"].Value), match.Groups["directory"] is { Success: true } directory ? directory.Value : "/")),
    ];

    [GeneratedRegex(@"^(?<process>\d+)\s+(?<call>.*)$")]
    private static partial Regex LinePattern();

    [GeneratedRegex(@"^(?<name>\w+)\((?<arguments>.*)\)\s+=\s+(?<result>.*)$")]
    private static partial Regex CallPattern();

    [GeneratedRegex(@"^[\s,]*\d+<(?<path>/[^>]*)>")]
    private static partial Regex DescriptorPattern();

    [GeneratedRegex(@"((AT_FDCWD|\d+)<(?<directory>[^>]*)>, )?""(?<path>(?:[^""\\]|\\.)*)""")]
    private static partial Regex PathPattern();
}
