using Lava.Build.Diagnostics;
using Lava.Build.Releases;

namespace Lava.Build.Services.Systemd;

/// <summary>
/// The units of an instance, for the system's manager and for a user's. They stand in each release with holes for the instance's place:
/// see <see cref="UnitHoles"/>. What is started, and how, they leave to scripts of the release: see <see cref="ServiceScripts"/>.
/// </summary>
internal static class UnitFiles
{
    /// <summary>Where the system's units stand in a release.</summary>
    internal const string SystemDirectory = "share/systemd/system";

    /// <summary>Where a user's units stand in a release.</summary>
    internal const string UserDirectory = "share/systemd/user";

    /// <summary>What the system's manager starts the instance with.</summary>
    internal const string SystemTarget = "multi-user.target";

    /// <summary>What a user's manager starts the instance with.</summary>
    internal const string UserTarget = "default.target";

    /// <summary>The unit that starts and stops all of an instance.</summary>
    internal static string Target(string instance) => $"{Prefix(instance)}.target";

    /// <summary>The unit that holds the lock of an instance; all others are bound to it.</summary>
    internal static string Hold(string instance) => $"{Prefix(instance)}.service";

    /// <summary>The unit of a service or step.</summary>
    internal static string Unit(string instance, string name) => $"{Prefix(instance)}-{name}.service";

    /// <summary>Everything that systemd needs in a release.</summary>
    /// <exception cref="LavaException">A sandbox cannot stand in a unit (LAVA5060).</exception>
    internal static IEnumerable<GeneratedFile> For(InstanceServices services)
    {
        Problem[] problems = [.. services.Services.SelectMany(service => UnitSandbox.Check(service, SourceLocation.None))];
        if (problems.Length > 0)
        {
            throw new LavaException(problems);
        }

        return [.. Units(services, system: true), .. Units(services, system: false), .. ServiceScripts.For(services)];
    }

    /// <summary>What the names of an instance's units start with.</summary>
    internal static string Prefix(string instance) => $"lava-{instance}";

    private static IEnumerable<GeneratedFile> Units(InstanceServices services, bool system)
    {
        string directory = system ? SystemDirectory : UserDirectory;
        string prefix = Prefix(services.Instance);
        UnitWriter writer = new(services, system);
        yield return GeneratedFile.Text($"{directory}/{prefix}.target", writer.Target());
        yield return GeneratedFile.Text($"{directory}/{prefix}.service", writer.Hold());
        yield return GeneratedFile.Text($"{directory}/{prefix}.failed@.service", writer.Failed());
        foreach (StepDescription step in services.Steps)
        {
            yield return GeneratedFile.Text($"{directory}/{prefix}-{step.Name}.service", writer.Step(step));
        }

        foreach (ServiceDescription service in services.Services)
        {
            yield return GeneratedFile.Text($"{directory}/{prefix}-{service.Name}.service", writer.Service(service));
        }
    }
}
