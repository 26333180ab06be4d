using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Lava.Build.Benchmarks;

/// <summary>The results as a Markdown table of medians and ratios.</summary>
internal sealed class ResultTable
{
    private readonly StringBuilder _rows = new();

    internal void Add(Scenario scenario, IReadOnlyList<Timings> results)
    {
        Dictionary<string, Timings> rows = results.ToDictionary(row => row.Name);
        double ours = rows[TimedCommand.Ours].Median;
        foreach (Timings row in results)
        {
            bool first = row.Name == TimedCommand.Ours;
            string peak = row.PeakMegabytes > 0 ? row.PeakMegabytes.ToString("0", CultureInfo.InvariantCulture) : "";
            string ratio = first ? "" : (ours / row.Median).ToString("0.00", CultureInfo.InvariantCulture);
            _rows.Append(CultureInfo.InvariantCulture, $"| {(first ? scenario.Title : "")} | {row.Name} ");
            _rows.Append(CultureInfo.InvariantCulture, $"| {row.Median:0.000} | {row.Least:0.000} | {row.Most:0.000} | {peak} | {ratio} ");
            _rows.Append(CultureInfo.InvariantCulture, $"| {(first ? scenario.Goal?.Text : "")} | {(first ? scenario.Goal?.Reached(rows) : "")} |\n");
        }
    }

    internal string ToMarkdown(Workspace workspace, int runs)
    {
        string versions = string.Join("; ", workspace.Programs.Versions.Select(pair => $"{pair.Key} {pair.Value}"));
        string leftOut = string.Concat(workspace.Programs.LeftOut.Select(line => $"\nLeft out: {line}\n"));
        return string.Create(CultureInfo.InvariantCulture, $"""
            {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, {workspace.FileSystem}, {RuntimeInformation.OSDescription}, Linux {Environment.OSVersion.Version}, tasks built as {workspace.Configuration}; {versions}{(workspace.Options.Server ? "; builds by MSBuild's server" : "")}.
            Wall seconds of whole commands, {runs} runs of each, in turn. Peak: the largest resident set of any one process of the command, in MB of 10^6 bytes; of ours that is `dotnet` itself. Ratio: the median of ours to that of the row.

            | what | command | median | least | most | peak | ratio | to reach | reached |
            |---|---|---|---|---|---|---|---|---|
            {_rows}{leftOut}
            """);
    }
}
