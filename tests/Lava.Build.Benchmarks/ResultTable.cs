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
        Dictionary<string, double> medians = results.ToDictionary(row => row.Name, row => Median(row.Samples));
        foreach (Timings row in results)
        {
            bool ours = row.Name == "ours";
            double limit = ours ? scenario.LimitSeconds(medians) : 0;
            string verdict = ours ? string.Create(CultureInfo.InvariantCulture, $"{limit:0.000} ({medians["ours"] / limit:0.00} of it)") : "";
            double peak = row.Samples.Max(sample => sample.PeakMegabytes);
            _rows.Append(CultureInfo.InvariantCulture, $"| {(ours ? scenario.Title : "")} | {row.Name} ");
            _rows.Append(CultureInfo.InvariantCulture, $"| {medians[row.Name]:0.000} | {row.Samples.Min(sample => sample.Seconds):0.000} ");
            _rows.Append(CultureInfo.InvariantCulture, $"| {row.Samples.Max(sample => sample.Seconds):0.000} | {peak:0} ");
            _rows.Append(CultureInfo.InvariantCulture, $"| {(ours ? scenario.Limit : "")} | {verdict} |\n");
        }
    }

    internal string ToMarkdown(int runs) => string.Create(CultureInfo.InvariantCulture, $"""
        {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}.
        Wall seconds of whole processes, {runs} runs of each, in turn; peak memory in MiB.

        | what | command | median | least | most | peak | to reach | limit |
        |---|---|---|---|---|---|---|---|
        {_rows}
        """);

    private static double Median(IReadOnlyList<Sample> samples)
    {
        double[] sorted = [.. samples.Select(sample => sample.Seconds).Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
