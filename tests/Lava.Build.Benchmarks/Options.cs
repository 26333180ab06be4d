using System.Globalization;

namespace Lava.Build.Benchmarks;

/// <summary>What the command line asks for.</summary>
/// <param name="Runs">How often each command is timed.</param>
/// <param name="Size">How many components the synthetic projects have; the scenario of scale takes five times as many.</param>
/// <param name="PeersDirectory">Where <c>npm install --prefix</c> put peers, or null.</param>
/// <param name="Server">Whether MSBuild's server carries builds out, ours and bare ones.</param>
/// <param name="Wanted">The scenarios by name, or by what their names begin with; none means all.</param>
internal sealed record Options(int Runs, int Size, string? PeersDirectory, bool Server, IReadOnlyList<string> Wanted)
{
    private const int DefaultRuns = 7;
    private const int DefaultSize = 200;

    /// <summary>Reads the command line; null if help is asked for or something in it is not understood.</summary>
    internal static Options? Read(IReadOnlyList<string> arguments)
    {
        Options options = new(DefaultRuns, DefaultSize, null, false, []);
        for (int i = 0; i < arguments.Count; i++)
        {
            string? value = i + 1 < arguments.Count ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--runs" when Number(value) is { } runs:
                    options = options with { Runs = runs };
                    i++;
                    break;
                case "--size" when Number(value) is { } size:
                    options = options with { Size = size };
                    i++;
                    break;
                case "--peers" when value is not null:
                    options = options with { PeersDirectory = Path.GetFullPath(value) };
                    i++;
                    break;
                case "--server":
                    options = options with { Server = true };
                    break;
                case { } name when Scenarios.Of(options).Any(scenario => scenario.Answers(name)):
                    options = options with { Wanted = [.. options.Wanted, name] };
                    break;
                default:
                    return null;
            }
        }

        return options;
    }

    internal static string Help => $"""
        Usage: dotnet run -c Release --project tests/Lava.Build.Benchmarks -- [OPTION ...] [SCENARIO ...]

          --runs N      times each command N times, after one uncounted run ({DefaultRuns})
          --size N      N components in place of {DefaultSize}: a small one shows that all runs, and measures nothing
          --peers DIR   looks for pnpm and bun in what `npm install --prefix DIR pnpm bun` installed, before PATH
          --server      has MSBuild's server carry out all builds, bare ones too (DOTNET_CLI_USE_MSBUILD_SERVER=1)

        Scenarios (all, if none is named; `peers` is all that begin with it):

        {string.Join('\n', Scenarios.Of(new Options(DefaultRuns, DefaultSize, null, false, [])).Select(scenario => $"  {scenario.Name,-14}{scenario.Title}"))}
        """;

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0 ? number : null;
}
