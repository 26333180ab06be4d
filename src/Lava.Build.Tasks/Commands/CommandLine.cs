using System.Globalization;
using Lava.Build.Diagnostics;
using Lava.Build.Services.Supervision;

namespace Lava.Build.Commands;

/// <summary>What the program was asked for.</summary>
/// <param name="Options">The instance, and how to run its services.</param>
/// <param name="Program">A program of the instance with its arguments, to become instead; none to run the services.</param>
internal sealed record CommandLine(SupervisorOptions Options, IReadOnlyList<string> Program)
{
    /// <summary>The instance's name, where its release does not say it; else empty.</summary>
    internal string Name { get; init; } = "";

    /// <summary>Whom its programs run as if root starts them, likewise.</summary>
    internal string User { get; init; } = "";

    private const string Usage =
        "run --instance DIRECTORY [--name NAME] [--user USER] [--project FILE] [--services A;B] [--with-parent] [--detached] [--report DESCRIPTOR] [-- PROGRAM ARGUMENTS], "
        + "or exec --instance DIRECTORY [--name NAME] [--user USER] [--project FILE] -- PROGRAM ARGUMENTS";

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="LavaException">They are not as they should be (LAVA5020).</exception>
    internal static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        string verb = arguments.Count > 0 ? arguments[0] : "";
        CommandLine line = new(new SupervisorOptions(""), []);
        for (int i = 1; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--")
            {
                line = line with { Program = [.. arguments.Skip(i + 1)] };
                break;
            }

            line = name switch
            {
                "--with-parent" => line with { Options = line.Options with { WithParent = true } },
                "--detached" => line with { Options = line.Options with { Detached = true } },
                _ when i + 1 >= arguments.Count => throw Wrong($"'{name}' has no value"),
                "--name" => line with { Name = arguments[++i] },
                "--user" => line with { User = arguments[++i] },
                _ => line with { Options = With(line.Options, name, arguments[++i]) },
            };
        }

        return verb is not ("run" or "exec") ? throw Wrong($"'{verb}' is no command")
            : !Path.IsPathFullyQualified(line.Options.Instance) ? throw Wrong("--instance needs an absolute directory")
            : verb == "exec" && line.Program.Count == 0 ? throw Wrong("'exec' needs a program after --")
            : line;
    }

    private static SupervisorOptions With(SupervisorOptions options, string name, string value) => name switch
    {
        "--instance" => options with { Instance = Path.TrimEndingDirectorySeparator(value) },
        "--project" => options with { Project = value.Length == 0 ? null : value },
        "--services" => options with { Services = [.. value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()] },
        "--report" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int report) => options with { Report = report },
        _ => throw Wrong($"'{name}' is no option"),
    };

    private static LavaException Wrong(string what) => Problem.Error(Strings.WrongCommandLine, SourceLocation.None, what, Usage).ToException();
}
