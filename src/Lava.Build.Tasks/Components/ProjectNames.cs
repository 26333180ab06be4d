using System.Xml;
using System.Xml.Linq;
using Lava.Build.Diagnostics;

namespace Lava.Build.Components;

/// <summary>
/// Finds misspelled properties and item types in the files that a user writes. MSBuild takes any name for one of the user's own, so
/// nothing else would tell; a name that is like none of ours is left alone.
/// </summary>
public static class ProjectNames
{
    /// <summary>What a project may set. A test compares it with the reference.</summary>
    public static IReadOnlyList<string> Properties { get; } =
    [
        "LavaInstance", "LavaPrefix", "LavaInstanceRoot", "LavaApplication", "LavaPrimaryComponent", "LavaRevision", "LavaArchitecture",
        "LavaPython", "LavaLockFile", "LavaLockedMode", "LavaOffline", "LavaCacheRoot", "LavaCacheDays", "LavaLinkMode", "LavaTransferTimeout",
        "LavaIdleTimeout", "LavaRetries", "LavaMaxEntries", "LavaMaxUnpackedBytes", "LavaMaxRatio", "LavaBuildTasksAssembly",
        "LavaRestoreDependsOn", "LavaUser", "LavaAddress", "LavaServices", "LavaUnitDirectory", "LavaStartServices",
        "LavaDevelop", "LavaArguments", "LavaManageProgram",
        "LavaFeatures", "LavaBind", "LavaPort", "LavaHostName", "LavaWebLocation", "LavaPublisherPort", "LavaCoordinatorPort", "LavaWebWorkers",
        "LavaWorkerName", "LavaWorkerUser", "LavaWorkerDrain", "LavaSuperuser", "LavaSuperuserEmail", "LavaSuperuserPasswordFile",
        "LavaWebServers", "LavaWebPort", "LavaWebTlsPort", "LavaWebTls", "LavaTlsCertificate", "LavaTlsKey",
    ];

    /// <summary>The item types that a project may have.</summary>
    public static IReadOnlyList<string> Items { get; } =
    [
        "LavaComponent", "LavaDirectory", "LavaTemplate", "LavaLink", "LavaLauncher", "LavaCommand", "LavaSecret", "LavaValue", "LavaService",
        "LavaStep", "LavaCheck", "LavaDatabase",
    ];

    private const int MostEdits = 2;
    private const string DirectoryMacro = "$(MSBuildThisFileDirectory)";

    /// <summary>All problems of a project, of what it imports by a plain path, of the user's own file beside it, and of the Directory.Build files above it.</summary>
    public static IReadOnlyList<Problem> Check(string projectFile)
    {
        List<Problem> problems = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        CheckFile(projectFile, seen, problems);
        CheckFile(projectFile + ".user", seen, problems);
        foreach (string name in (string[])["Directory.Build.props", "Directory.Build.targets"])
        {
            if (Above(projectFile, name) is { } file)
            {
                CheckFile(file, seen, problems);
            }
        }

        return problems;
    }

    /// <summary>All problems of properties that the command line gives.</summary>
    public static IEnumerable<Problem> CheckGiven(IEnumerable<string> names, string projectFile) =>
        from name in names
        let meant = Meant(Properties, name)
        where meant is not null
        select Problem.Error(Strings.MisspelledName, new SourceLocation(projectFile), "property", name, meant);

    /// <summary>The known name that was probably meant; null if <paramref name="name"/> is known, or one of the user's own.</summary>
    internal static string? Meant(IEnumerable<string> known, string name) =>
        name.StartsWith("L", StringComparison.OrdinalIgnoreCase) && !known.Contains(name, StringComparer.OrdinalIgnoreCase)
            ? NearestName.Among(known, name, MostEdits)
            : null;

    private static void CheckFile(string file, HashSet<string> seen, List<Problem> problems)
    {
        if (!seen.Add(file) || !File.Exists(file))
        {
            return;
        }

        XDocument document;
        try
        {
            document = XDocument.Load(file, LoadOptions.SetLineInfo);
        }
        catch (Exception failure) when (failure is XmlException or IOException or UnauthorizedAccessException)
        {
            // It was changed or removed since MSBuild read it.
            return;
        }

        foreach (XElement element in document.Descendants())
        {
            switch (element.Parent?.Name.LocalName)
            {
                case "PropertyGroup":
                    Add(file, element, "property", Properties, problems);
                    break;
                case "ItemGroup" or "ItemDefinitionGroup":
                    Add(file, element, "item", Items, problems);
                    break;
                default:
                    break;
            }

            if (element.Name.LocalName == "Import" && ImportOf(file, element) is { } import)
            {
                CheckFile(import, seen, problems);
            }
        }
    }

    private static void Add(string file, XElement element, string kind, IReadOnlyList<string> known, List<Problem> problems)
    {
        if (Meant(known, element.Name.LocalName) is { } meant)
        {
            IXmlLineInfo line = element;
            SourceLocation location = new(file, line.LineNumber, line.LinePosition);
            problems.Add(Problem.Error(Strings.MisspelledName, location, kind, element.Name.LocalName, meant));
        }
    }

    private static string? ImportOf(string file, XElement element)
    {
        string path = element.Attribute("Sdk") is null ? element.Attribute("Project")?.Value ?? "" : "";
        path = path.Replace(DirectoryMacro, "./", StringComparison.OrdinalIgnoreCase).Replace('\\', '/');
        return path.Length == 0 || path.Contains("$(", StringComparison.Ordinal)
            ? null
            : Path.GetFullPath(path, Path.GetDirectoryName(file)!);
    }

    private static string? Above(string projectFile, string name)
    {
        for (string? directory = Path.GetDirectoryName(projectFile); directory is not null; directory = Path.GetDirectoryName(directory))
        {
            string file = Path.Combine(directory, name);
            if (File.Exists(file))
            {
                return file;
            }
        }

        return null;
    }
}
