using System.Text.RegularExpressions;
using Lava.Build.Diagnostics;
using Lava.Build.Platform;

namespace Lava.Build.Components;

/// <summary>Everything about the parts that can be checked before anything is fetched or written.</summary>
public static partial class PartChecks
{
    /// <summary>All problems of <paramref name="parts"/>.</summary>
    public static IReadOnlyList<Problem> Check(InstanceParts parts)
    {
        List<Problem> problems = [];
        foreach (DirectoryPart part in parts.Directories)
        {
            CheckOwn("LavaDirectory", part.Path, part.Location, problems);
        }

        foreach (SecretPart part in parts.Secrets)
        {
            CheckOwn("LavaSecret", part.Path, part.Location, problems);
            CheckFile("LavaSecret", part.Path, part.Location, problems);
        }

        foreach (TemplatePart part in parts.Templates)
        {
            CheckInside("LavaTemplate", part.Destination, part.Location, problems);
            CheckFile("LavaTemplate", part.Destination, part.Location, problems);
            if (!File.Exists(part.File))
            {
                problems.Add(Problem.Error(Strings.TemplateMissing, part.Location, part.File));
            }
        }

        foreach (LinkPart part in parts.Links)
        {
            CheckInside("LavaLink", part.Path, part.Location, problems);
            CheckFile("LavaLink", part.Path, part.Location, problems);
            CheckInside("LavaLink", part.Target, part.Location, problems);
        }

        foreach (LauncherPart part in parts.Launchers)
        {
            CheckLauncher(part, problems);
        }

        foreach (CommandPart part in parts.Commands)
        {
            CheckVariables("LavaCommand", part.Name, part.Environment, part.Location, problems);
            if (part.Command.Length == 0)
            {
                problems.Add(Problem.Error(Strings.CommandMissing, part.Location, part.Name));
            }
        }

        CheckDestinations(parts, problems);
        return problems;
    }

    /// <summary>The names of variables that an item sets.</summary>
    internal static void CheckVariables(
        string item, string name, IReadOnlyDictionary<string, string> environment, SourceLocation location, List<Problem> problems)
    {
        foreach (string variable in environment.Keys.Where(variable => !VariablePattern().IsMatch(variable)))
        {
            problems.Add(Problem.Error(Strings.BadVariable, location, item, name, variable));
        }
    }

    private static void CheckLauncher(LauncherPart part, List<Problem> problems)
    {
        if (!LauncherNamePattern().IsMatch(part.Name))
        {
            problems.Add(Problem.Error(Strings.BadLauncherName, part.Location, part.Name));
        }

        if ((part.Command.Length == 0) == (part.EntryPoint.Length == 0))
        {
            problems.Add(Problem.Error(Strings.LauncherNeedsOne, part.Location, part.Name));
        }

        if (part.EntryPoint.Length > 0 && !EntryPointPattern().IsMatch(part.EntryPoint))
        {
            problems.Add(Problem.Error(Strings.BadEntryPoint, part.Location, part.Name, part.EntryPoint));
        }

        CheckVariables("LavaLauncher", part.Name, part.Environment, part.Location, problems);
    }

    private static void CheckInside(string item, string path, SourceLocation location, List<Problem> problems)
    {
        if (!RelativePath.IsInside(path))
        {
            problems.Add(Problem.Error(Strings.PathLeavesProject, location, "The path", path, item, "the instance"));
        }
    }

    private static void CheckFile(string item, string path, SourceLocation location, List<Problem> problems)
    {
        if (path.EndsWith('/') || InstanceParts.OwnDirectories.Contains(path))
        {
            problems.Add(Problem.Error(Strings.NotAFilePath, location, item, path));
        }
    }

    private static void CheckOwn(string item, string path, SourceLocation location, List<Problem> problems)
    {
        CheckInside(item, path, location, problems);
        if (!InstanceParts.IsOwn(path))
        {
            problems.Add(Problem.Error(Strings.NotInstancePath, location, item, path));
        }
    }

    private static void CheckDestinations(InstanceParts parts, List<Problem> problems)
    {
        IEnumerable<(string Path, SourceLocation Location)> destinations =
        [
            .. parts.Templates.Select(part => (part.Destination, part.Location)),
            .. parts.Links.Select(part => (part.Path, part.Location)),
            .. parts.Secrets.Select(part => (part.Path, part.Location)),
            .. parts.Launchers.Select(part => ($"bin/{part.Name}", part.Location)),
        ];
        foreach (IGrouping<string, (string Path, SourceLocation Location)> group in destinations.GroupBy(destination => destination.Path))
        {
            if (group.Count() > 1)
            {
                problems.Add(Problem.Error(Strings.DuplicateDestination, group.Last().Location, group.Key));
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.+@-]*\z")]
    private static partial Regex LauncherNamePattern();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*\z")]
    private static partial Regex EntryPointPattern();

    [GeneratedRegex(@"\A[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex VariablePattern();
}
