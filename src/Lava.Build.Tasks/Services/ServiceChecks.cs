using System.Text.RegularExpressions;
using Lava.Build.Components;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;
using Lava.Build.Services.Systemd;

namespace Lava.Build.Services;

/// <summary>Everything about services, steps and checks that can be checked before anything is fetched or written.</summary>
public static partial class ServiceChecks
{
    private const string ServiceItem = "LavaService";
    private const string StepItem = "LavaStep";
    private const string CheckItem = "LavaCheck";

    /// <summary>All problems of what runs and of what tests it.</summary>
    public static IReadOnlyList<Problem> Check(InstanceParts parts)
    {
        List<Problem> problems = [];
        foreach (ServicePart part in parts.Services)
        {
            CheckService(part.Service, part.Location, problems);
        }

        foreach (StepPart part in parts.Steps)
        {
            CheckName(StepItem, part.Step.Name, part.Location, problems);
            CheckCommand(StepItem, part.Step.Name, part.Step.Command, part.Location, problems);
            PartChecks.CheckVariables(StepItem, part.Step.Name, part.Step.Environment, part.Location, problems);
        }

        foreach (CheckPart part in parts.Checks)
        {
            string[] ways = [part.Check.Command, part.Check.Http, part.Check.Sql];
            if (ways.Count(way => way.Length > 0) != 1)
            {
                problems.Add(Problem.Error(Strings.CheckNeedsOne, part.Location, CheckItem, part.Check.Name, "Command, Http and Sql"));
            }
        }

        CheckTogether(parts, problems);
        return problems;
    }

    /// <summary>An error if a service would run outside of the instance. Its directory starts at the instance, so it has no hole for a place.</summary>
    internal static IEnumerable<Problem> CheckDirectory(ServiceDescription service, SourceLocation location)
    {
        string directory = service.WorkingDirectory;
        bool hasPlace = directory.Contains(RunHoles.InstanceRootHole, StringComparison.Ordinal) || directory.Contains(RunHoles.ReleaseHole, StringComparison.Ordinal);
        return directory.Length == 0 || (RelativePath.IsInside(directory) && !hasPlace)
            ? []
            : [Problem.Error(Strings.PathLeavesProject, location, "WorkingDirectory", directory, service.Name, "the instance")];
    }

    private static void CheckService(ServiceDescription service, SourceLocation location, List<Problem> problems)
    {
        CheckName(ServiceItem, service.Name, location, problems);
        CheckCommand(ServiceItem, service.Name, service.Command, location, problems);
        PartChecks.CheckVariables(ServiceItem, service.Name, service.Environment, location, problems);
        // No program of a release has a blank in its name; who writes one means arguments.
        if (service.Command.AsSpan().ContainsAny("/ ") && !service.Command.StartsWith('/') && !service.Command.StartsWith("@{", StringComparison.Ordinal))
        {
            problems.Add(Problem.Error(Strings.BadServiceCommand, location, service.Name, service.Command));
        }

        problems.AddRange(CheckDirectory(service, location));
        foreach ((string metadata, string signal) in (ReadOnlySpan<(string, string)>)[("StopSignal", service.StopSignal), ("DrainSignal", service.DrainSignal)])
        {
            if (signal.Length > 0 && !ServiceSignals.Numbers.ContainsKey(signal))
            {
                problems.Add(Problem.Error(
                    Strings.BadChoice, location, ServiceItem, service.Name, metadata, signal, string.Join(", ", ServiceSignals.Numbers.Keys)));
            }
        }

        problems.AddRange(UnitSandbox.Check(service, location));
        if (service.Health is { } health)
        {
            string[] ways = [health.Http, health.Socket, health.Command];
            if (ways.Count(way => way.Length > 0) != 1)
            {
                problems.Add(Problem.Error(Strings.CheckNeedsOne, location, ServiceItem, service.Name, "HealthHttp, HealthSocket and HealthCommand"));
            }
        }
    }

    private static void CheckTogether(InstanceParts parts, List<Problem> problems)
    {
        Dictionary<string, IReadOnlyList<string>> after = new(StringComparer.Ordinal);
        (string Item, string Name, IReadOnlyList<string> After, SourceLocation Location)[] all =
        [
            .. parts.Services.Select(part => (ServiceItem, part.Service.Name, part.Service.After, part.Location)),
            .. parts.Steps.Select(part => (StepItem, part.Step.Name, part.Step.After, part.Location)),
        ];
        foreach ((string item, string name, IReadOnlyList<string> earlier, SourceLocation location) in all)
        {
            if (!after.TryAdd(name, earlier))
            {
                problems.Add(Problem.Error(Strings.DuplicateService, location, item, name));
            }
        }

        foreach ((string item, string name, IReadOnlyList<string> earlier, SourceLocation location) in all)
        {
            foreach (string other in earlier.Where(other => !after.ContainsKey(other)))
            {
                problems.Add(Problem.Error(Strings.UnknownPredecessor, location, item, name, other, NearestName.Advice([.. after.Keys], other)));
            }
        }

        ServiceOrder.Sort(after, out IReadOnlyList<string> cycle);
        if (cycle.Count > 0)
        {
            SourceLocation location = all.First(part => part.Name == cycle[0]).Location;
            problems.Add(Problem.Error(Strings.ServiceCycle, location, string.Join(" -> ", cycle)));
        }
    }

    private static void CheckName(string item, string name, SourceLocation location, List<Problem> problems)
    {
        if (!NamePattern().IsMatch(name))
        {
            problems.Add(Problem.Error(Strings.BadServiceName, location, item, name));
        }
    }

    private static void CheckCommand(string item, string name, string command, SourceLocation location, List<Problem> problems)
    {
        if (command.Length == 0)
        {
            problems.Add(Problem.Error(Strings.ServiceCommandMissing, location, item, name));
        }
    }

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{0,62}\z")]
    private static partial Regex NamePattern();
}
