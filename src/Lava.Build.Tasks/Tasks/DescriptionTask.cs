using Lava.Build.Components;
using Lava.Build.Databases;
using Lava.Build.Diagnostics;
using Lava.Build.Services;
using Microsoft.Build.Framework;

namespace Lava.Build.Tasks;

/// <summary>A task that works from the project's description.</summary>
public abstract class DescriptionTask : LavaTask
{
    private (IReadOnlyList<ComponentReference> References, InstanceParts Parts, IReadOnlyList<Problem> Problems)? _description;

    /// <summary>The <c>LavaComponent</c> items.</summary>
    [Required]
    public ITaskItem[] Components { get; set; } = [];

    /// <summary>The <c>LavaDirectory</c> items.</summary>
    public ITaskItem[] Directories { get; set; } = [];

    /// <summary>The <c>LavaTemplate</c> items.</summary>
    public ITaskItem[] Templates { get; set; } = [];

    /// <summary>The <c>LavaLink</c> items.</summary>
    public ITaskItem[] Links { get; set; } = [];

    /// <summary>The <c>LavaLauncher</c> items.</summary>
    public ITaskItem[] Launchers { get; set; } = [];

    /// <summary>The <c>LavaCommand</c> items.</summary>
    public ITaskItem[] Commands { get; set; } = [];

    /// <summary>The <c>LavaSecret</c> items.</summary>
    public ITaskItem[] Secrets { get; set; } = [];

    /// <summary>The <c>LavaValue</c> items.</summary>
    public ITaskItem[] Values { get; set; } = [];

    /// <summary>The <c>LavaDatabase</c> item, if there is one.</summary>
    public ITaskItem[] Databases { get; set; } = [];

    /// <summary>The <c>LavaService</c> items.</summary>
    public ITaskItem[] Services { get; set; } = [];

    /// <summary>The <c>LavaStep</c> items.</summary>
    public ITaskItem[] Steps { get; set; } = [];

    /// <summary>The <c>LavaCheck</c> items.</summary>
    public ITaskItem[] Checks { get; set; } = [];

    /// <summary>Whom programs run as if started by root (<c>LavaUser</c>).</summary>
    public string User { get; set; } = "";

    /// <summary>Where people reach the instance (<c>LavaAddress</c>), or empty.</summary>
    public string Address { get; set; } = "";

    /// <summary>Components that are developed in place (<c>LavaDevelop</c>), or empty. See <see cref="DevelopedComponent"/>.</summary>
    public string Develop { get; set; } = "";

    /// <summary>What <see cref="Develop"/> asks for; what is wrong with it goes to <paramref name="problems"/>.</summary>
    protected IReadOnlyList<DevelopedComponent> ReadDeveloped(IReadOnlyList<ComponentReference> references, ICollection<Problem> problems) =>
        DevelopedComponent.Read(
            Develop, [.. references.Select(reference => reference.Name)], TaskEnvironment.ProjectDirectory, new SourceLocation(ProjectFile), problems);

    /// <summary>What the project asks for, and everything wrong with how it asks.</summary>
    protected (IReadOnlyList<ComponentReference> References, InstanceParts Parts, IReadOnlyList<Problem> Problems) ReadDescription() =>
        _description ??= ReadItems();

    private (IReadOnlyList<ComponentReference> References, InstanceParts Parts, IReadOnlyList<Problem> Problems) ReadItems()
    {
        List<Problem> problems = [];
        MetadataReader metadata = new(ProjectFile, problems);
        ItemReader reader = new(metadata, path => Absolute(path));
        ServiceItemReader services = new(metadata);
        ComponentReference[] references = [.. Components.Select(reader.Component)];
        InstanceParts parts = new()
        {
            Directories = [.. Directories.Select(reader.Directory)],
            Templates = [.. Templates.Select(reader.Template)],
            Links = [.. Links.Select(reader.Link)],
            Launchers = [.. Launchers.Select(reader.Launcher)],
            Commands = [.. Commands.Select(reader.Command)],
            Secrets = [.. Secrets.Select(reader.Secret)],
            Values = reader.Values(Values),
            Services = [.. Services.Select(services.Service)],
            Steps = [.. Steps.Select(services.Step)],
            Checks = [.. Checks.Select(services.Check)],
            User = User,
            Address = Address,
        };
        DatabaseDescription[] databases = [.. Databases.Select(new DatabaseItemReader(metadata).Database)];
        string[] components = [.. references.Select(reference => reference.Name)];
        parts = DatabaseServices.AddTo(parts, databases.FirstOrDefault(), components);
        if (references.Length == 0)
        {
            problems.Add(Problem.Error(Strings.NoComponents, new SourceLocation(ProjectFile)));
        }

        problems.AddRange(ComponentChecks.Check(references, TaskEnvironment.ProjectDirectory));
        problems.AddRange(PartChecks.Check(parts));
        problems.AddRange(DatabaseChecks.Check(databases, components));
        problems.AddRange(ServiceChecks.Check(parts));
        return (references, parts, problems);
    }
}
