using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Releases;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Services;

/// <summary>What the services, steps and checks of a project give a release.</summary>
public static class ServiceFiles
{
    /// <summary>The files; none where nothing runs and nothing is checked.</summary>
    /// <param name="instance">The instance's name.</param>
    /// <param name="parts">What the project says.</param>
    /// <param name="values">What fills the holes that do not depend on the place.</param>
    /// <exception cref="LavaException">A hole is unknown (LAVA4020), or what an address or a directory is filled to is none.</exception>
    public static IEnumerable<GeneratedFile> For(string instance, InstanceParts parts, IReadOnlyDictionary<string, string> values)
    {
        InstanceServices services = Describe(instance, parts, values);
        if (services.Services.Count + services.Steps.Count + services.Checks.Count == 0)
        {
            return [];
        }

        return
        [
            GeneratedFile.Text(ServicesFile.Path, ServicesFile.ToText(services)),
            .. StepScripts.For(services.Steps),
            .. services.Services.Count + services.Steps.Count > 0 ? UnitFiles.For(services) : [],
        ];
    }

    /// <summary>What runs: all holes filled but those of the place, everything after what it waits for.</summary>
    /// <inheritdoc cref="For" path="/param"/>
    /// <inheritdoc cref="For" path="/exception"/>
    public static InstanceServices Describe(string instance, InstanceParts parts, IReadOnlyDictionary<string, string> values)
    {
        List<Problem> problems = [];
        InstanceServices services = new()
        {
            Instance = instance,
            User = parts.User,
            Address = new ServiceFiller(values, new SourceLocation(""), problems).Fill(parts.Address),
            Services = [.. parts.Services.Select(part => Fill(part.Service, new ServiceFiller(values, part.Location, problems)))],
            Steps = [.. parts.Steps.Select(part => Fill(part.Step, new ServiceFiller(values, part.Location, problems)))],
            Checks = [.. parts.Checks.Select(part => Fill(part.Check, new ServiceFiller(values, part.Location, problems)))],
        };
        // What a hole was filled with may lead out, too.
        problems.AddRange(parts.Services.Zip(services.Services).SelectMany(pair => ServiceChecks.CheckDirectory(pair.Second, pair.First.Location)));
        if (problems.Count > 0)
        {
            throw new LavaException(problems);
        }

        List<string> order = [.. ServiceOrder.Sort(ServiceOrder.Waits(services), out _)];
        return services with
        {
            Services = [.. services.Services.OrderBy(service => order.IndexOf(service.Name))],
            Steps = [.. services.Steps.OrderBy(step => order.IndexOf(step.Name))],
        };
    }

    private static ServiceDescription Fill(ServiceDescription service, ServiceFiller filler) => service with
    {
        Command = filler.Fill(service.Command),
        Arguments = filler.Fill(service.Arguments),
        Environment = filler.Fill(service.Environment),
        WorkingDirectory = filler.Fill(service.WorkingDirectory),
        Health = service.Health is not { } health ? null : health with
        {
            Http = filler.FillUrl(health.Http),
            Socket = filler.FillPlace(health.Socket),
            Command = filler.Fill(health.Command),
        },
        Listens = [.. service.Listens.Select(filler.FillPlace)],
        Sandbox = filler.Fill(service.Sandbox),
    };

    private static StepDescription Fill(StepDescription step, ServiceFiller filler) => step with
    {
        Command = filler.Fill(step.Command),
        Environment = filler.Fill(step.Environment),
    };

    private static CheckDescription Fill(CheckDescription check, ServiceFiller filler) => check with
    {
        Command = filler.Fill(check.Command),
        Http = filler.FillUrl(check.Http),
        Sql = filler.Fill(check.Sql),
        Expected = filler.Fill(check.Expected),
    };
}
