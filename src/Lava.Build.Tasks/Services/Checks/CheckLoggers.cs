using System.Globalization;
using Lava.Build.Diagnostics;

namespace Lava.Build.Services.Checks;

/// <summary>
/// Where results are written, in the words of <c>dotnet test --logger</c>: <c>trx</c>, with <c>LogFileName</c> or <c>LogFilePrefix</c>, and
/// <c>console</c>, which is there anyhow.
/// </summary>
/// <param name="TrxFiles">The absolute paths of files to write.</param>
public sealed record CheckLoggers(IReadOnlyList<string> TrxFiles)
{
    private const string Ending = ".trx";

    /// <summary>Reads what was asked for.</summary>
    /// <param name="loggers">Each a name, and behind it parameters such as <c>;LogFileName=results.trx</c>.</param>
    /// <param name="directory">The absolute directory of results.</param>
    /// <param name="user">Who runs the checks, for a default name.</param>
    /// <param name="machine">The machine's name, likewise.</param>
    /// <param name="now">The time, likewise.</param>
    /// <exception cref="LavaException">A logger or a parameter is not known (LAVA5097).</exception>
    public static CheckLoggers Read(IEnumerable<string> loggers, string directory, string user, string machine, DateTimeOffset now)
    {
        List<string> files = [];
        foreach (string logger in loggers)
        {
            string[] parts = logger.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            switch (parts.Length == 0 ? "" : parts[0].ToLowerInvariant())
            {
                case "trx":
                    files.Add(Path.GetFullPath(FileName(logger, parts[1..], user, machine, now), directory));
                    break;
                case "console" or "":
                    break;
                default:
                    throw Unknown(logger, "Use trx, or leave it out");
            }
        }

        return new CheckLoggers(files);
    }

    private static string FileName(string logger, string[] parameters, string user, string machine, DateTimeOffset now)
    {
        string time = now.ToString("yyyy-MM-dd_HH_mm_ss", CultureInfo.InvariantCulture);
        string? name = null;
        foreach (string parameter in parameters)
        {
            string[] pair = parameter.Split('=', 2);
            name = (pair[0].ToLowerInvariant(), pair.Length) switch
            {
                ("logfilename", 2) => pair[1].EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ? pair[1] : pair[1] + Ending,
                ("logfileprefix", 2) => $"{pair[1]}_{time}{Ending}",
                _ => throw Unknown(logger, "Its parameters are LogFileName=<file> and LogFilePrefix=<text>"),
            };
        }

        return name ?? $"{user}_{machine}_{time}{Ending}";
    }

    private static LavaException Unknown(string logger, string advice) =>
        Problem.Error(Strings.UnknownCheckLogger, SourceLocation.None, logger, advice).ToException();
}
