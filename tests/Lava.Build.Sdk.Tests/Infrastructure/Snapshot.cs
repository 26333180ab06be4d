using System.Text;

namespace Lava.Build.Sdk.Tests;

/// <summary>Everything about the files of some directories except their content: names, inodes, modes, times, sizes, link targets.</summary>
internal static class Snapshot
{
    public static async Task<string> OfAsync(params string[] paths)
    {
        CommandResult result = await Command.RunAsync(
            "find", "/", new Dictionary<string, string>(), [.. paths, "-printf", @"%p %i %m %T@ %s %l\n"]);
        result.Succeeds();
        StringBuilder text = new();
        text.AppendJoin('\n', result.Output.Split('\n').Order(StringComparer.Ordinal));
        return text.ToString();
    }
}
