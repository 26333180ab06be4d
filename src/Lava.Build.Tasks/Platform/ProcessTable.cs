using System.Globalization;
using System.Text;

namespace Lava.Build.Platform;

/// <summary>What the kernel tells of a process (proc_pid_stat(5)).</summary>
/// <param name="Id">Its process id.</param>
/// <param name="Name">The program's name, at most 15 bytes.</param>
/// <param name="State">Its state, such as <c>R</c>; <c>Z</c> and <c>X</c> have ended.</param>
/// <param name="Parent">The process id of its parent.</param>
/// <param name="Session">The id of its session.</param>
/// <param name="Start">When it started, in clock ticks since the host did: with the id, this tells it from every other process of this boot.</param>
internal sealed record ProcessStatus(int Id, string Name, char State, int Parent, int Session, long Start)
{
    /// <summary>Whether it still does something.</summary>
    internal bool Lives => State is not ('Z' or 'X');

    /// <summary>Reads a line of <c>/proc/&lt;id&gt;/stat</c>. The name may hold anything, brackets too.</summary>
    internal static ProcessStatus? Parse(string line)
    {
        int open = line.IndexOf('(', StringComparison.Ordinal);
        int close = line.LastIndexOf(')');
        if (open < 0 || close < open)
        {
            return null;
        }

        string[] fields = line[(close + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Fields are counted from 1, and the third one follows the name.
        const int offset = 3;
        const int startField = 22;
        return fields.Length > startField - offset
            ? new ProcessStatus(
                Number(line[..open].Trim()), line[(open + 1)..close], fields[0][0], Number(fields[1]), Number(fields[6 - offset]),
                long.Parse(fields[startField - offset], CultureInfo.InvariantCulture))
            : null;
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>The processes of this host, as <c>/proc</c> shows them. What ends while it is looked at is as if it were not there.</summary>
internal static class ProcessTable
{
    private static readonly Lazy<string> Boot = new(() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim());

    /// <summary>Which start of the host this is: ids and start times mean nothing in another.</summary>
    internal static string BootId => Boot.Value;

    /// <summary>A process, or null if there is none of this id.</summary>
    internal static ProcessStatus? Find(int process) => Read(process, "stat") is { Length: > 0 } line ? ProcessStatus.Parse(Encoding.UTF8.GetString(line)) : null;

    /// <summary>Whether the very process still runs that had this id and start time.</summary>
    internal static bool Lives(int process, long start) => process > 0 && Find(process) is { Lives: true } found && found.Start == start;

    /// <summary>All processes that still do something.</summary>
    internal static IReadOnlyList<ProcessStatus> All() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(directory => int.TryParse(Path.GetFileName(directory), NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? Find(id) : null)
            .OfType<ProcessStatus>()
            .Where(process => process.Lives),
    ];

    /// <summary>A variable that the process was started with; null if it has none, has overwritten them, or belongs to another user.</summary>
    internal static string? Variable(int process, string name)
    {
        string prefix = name + "=";
        return Encoding.UTF8.GetString(Read(process, "environ") ?? []).Split('\0')
            .FirstOrDefault(variable => variable.StartsWith(prefix, StringComparison.Ordinal))?[prefix.Length..];
    }

    /// <summary>Its arguments with blanks between them, or its name where it has none.</summary>
    internal static string CommandLine(ProcessStatus process) =>
        Encoding.UTF8.GetString(Read(process.Id, "cmdline") ?? []).TrimEnd('\0').Replace('\0', ' ') is { Length: > 0 } line ? line : process.Name;

    /// <summary>Its arguments, its name first; none if it has ended.</summary>
    internal static string[] Arguments(int process) => Encoding.UTF8.GetString(Read(process, "cmdline") ?? []).TrimEnd('\0').Split('\0');

    /// <summary>Where it works, or null if that is not for this user to know.</summary>
    internal static string? WorkingDirectory(int process) => Link($"/proc/{process}/cwd");

    /// <summary>Whose it is; null if it has ended.</summary>
    internal static uint? Owner(int process) => FileStatus.Of($"/proc/{process}")?.Owner;

    /// <summary>What its descriptors are, such as <c>socket:[123]</c>; nothing of another user's process.</summary>
    internal static IEnumerable<string> OpenFiles(int process)
    {
        string[] descriptors;
        try
        {
            descriptors = Directory.GetFileSystemEntries($"/proc/{process}/fd");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return descriptors.Select(Link).OfType<string>();
    }

    private static string? Link(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static byte[]? Read(int process, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{process}/{file}");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
