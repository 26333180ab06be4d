using System.Collections;
using Lava.Build.Tasks;
using Microsoft.Build.Framework;

namespace Lava.Build.Tests.Tasks;

/// <summary>Just enough of MSBuild to execute a task in: a project's directory, its variables, and a log.</summary>
internal sealed class TaskBench : IBuildEngine, IDisposable
{
    public CacheBench Cache { get; } = new();

    public string Project => Cache.At("project", "instance.proj");

    public List<BuildErrorEventArgs> Errors { get; } = [];

    public List<BuildWarningEventArgs> Warnings { get; } = [];

    public List<BuildMessageEventArgs> Messages { get; } = [];

    public bool ContinueOnError => false;

    public int LineNumberOfTaskNode => 0;

    public int ColumnNumberOfTaskNode => 0;

    public string ProjectFileOfTaskNode => Project;

    public TaskBench(string project = "<Project />")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Project)!);
        File.WriteAllText(Project, project);
    }

    public bool BuildProjectFile(string projectFileName, string[] targetNames, IDictionary globalProperties, IDictionary targetOutputs) => false;

    public void Dispose() => Cache.Dispose();

    public void LogErrorEvent(BuildErrorEventArgs e) => Errors.Add(e);

    public void LogWarningEvent(BuildWarningEventArgs e) => Warnings.Add(e);

    public void LogMessageEvent(BuildMessageEventArgs e) => Messages.Add(e);

    public void LogCustomEvent(CustomBuildEventArgs e) => Assert.Fail($"{e.Message}");

    /// <summary>Gives a task what every task has.</summary>
    public T Prepare<T>(T task)
        where T : LavaTask
    {
        task.BuildEngine = this;
        task.ProjectFile = Project;
        task.TaskEnvironment = TaskEnvironment.CreateWithProjectDirectoryAndEnvironment(
            Path.GetDirectoryName(Project)!, new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = Cache.At("home") });
        return task;
    }

    public ITaskItem Item(string name, params (string Name, string Value)[] metadata) => new ProjectItem(name, Project, metadata);

    /// <summary>An item as MSBuild gives it to a task, with the file that defines it.</summary>
    private sealed class ProjectItem(string name, string project, (string Name, string Value)[] metadata) : ITaskItem
    {
        private readonly Dictionary<string, string> _metadata =
            metadata.ToDictionary(pair => pair.Name, pair => pair.Value, StringComparer.OrdinalIgnoreCase);

        public string ItemSpec { get; set; } = name;

        public ICollection MetadataNames => _metadata.Keys;

        public int MetadataCount => _metadata.Count;

        public string GetMetadata(string metadataName) => metadataName switch
        {
            "DefiningProjectFullPath" => project,
            "Filename" => Path.GetFileNameWithoutExtension(ItemSpec),
            "Extension" => Path.GetExtension(ItemSpec),
            _ => _metadata.GetValueOrDefault(metadataName, ""),
        };

        public void SetMetadata(string metadataName, string metadataValue) => _metadata[metadataName] = metadataValue;

        public void RemoveMetadata(string metadataName) => _metadata.Remove(metadataName);

        public void CopyMetadataTo(ITaskItem destinationItem)
        {
            foreach ((string key, string value) in _metadata)
            {
                destinationItem.SetMetadata(key, value);
            }
        }

        public IDictionary CloneCustomMetadata() => new Dictionary<string, string>(_metadata);
    }
}
