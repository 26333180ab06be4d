using Lava.Build.Diagnostics;
using Lava.Build.Releases;

namespace Lava.Build.Services.Systemd;

/// <summary>What keeps a unit from the rest of its host: what every unit has, and what an item says instead.</summary>
internal static class UnitSandbox
{
    // Besides what the template of system units alone has: they need the rights of root, too.
    private static readonly string[] ForRoot = ["User", "Group", "SupplementaryGroups", "DynamicUser"];

    /// <summary>The directives, a line each.</summary>
    /// <param name="system">Whether the unit is one of the system, not of a user.</param>
    /// <param name="instead">What replaces directives of the same name or comes to them; an empty value takes one away.</param>
    internal static string Lines(bool system, IReadOnlyDictionary<string, string> instead)
    {
        (string Name, string Value)[] ofSystem = Read("sandbox-system");
        HashSet<string> passedOver = system ? [] : [.. ofSystem.Select(line => line.Name), .. ForRoot];
        IEnumerable<string> kept = Read("sandbox-every").Concat(system ? ofSystem : [])
            .Where(line => !instead.ContainsKey(line.Name))
            .Select(line => $"{line.Name}={line.Value}");
        IEnumerable<string> given = instead
            .Where(line => line.Value.Length > 0 && !passedOver.Contains(line.Key))
            .OrderBy(line => line.Key, StringComparer.Ordinal)
            .Select(line => $"{line.Key}={line.Value}");
        return string.Join('\n', kept.Concat(given));
    }

    /// <summary>All that cannot stand in a unit.</summary>
    internal static IEnumerable<Problem> Check(ServiceDescription service, SourceLocation location) =>
        from line in service.Sandbox
        where !UnitText.IsDirective(line.Key, line.Value)
        select Problem.Error(Strings.BadSandbox, location, service.Name, $"{line.Key}={line.Value}");

    private static (string Name, string Value)[] Read(string template) =>
    [
        .. TextTemplate.Fill(TemplateResources.Read($"Systemd/{template}"), _ => null, template).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => (line[..line.IndexOf('=', StringComparison.Ordinal)], line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..])),
    ];
}
