using Lava.Build.Benchmarks;

if (Options.Read(args) is not { } options)
{
    bool asked = args is ["--help"] or ["-h"];
    (asked ? Console.Out : Console.Error).WriteLine(Options.Help);
    return asked ? 0 : 2;
}

// The command that is running ends by the same signal, so the run fails, and what it made is deleted.
Console.CancelKeyPress += (_, signal) => signal.Cancel = true;
try
{
    using Workspace workspace = new(options);
    await workspace.Programs.NoteVersionAsync(".NET SDK", "dotnet", "--version");
    ResultTable table = new();
    try
    {
        foreach (Scenario scenario in Scenarios.Of(options).Where(scenario => options.Wanted.Count == 0 || options.Wanted.Any(scenario.Answers)))
        {
            Console.Error.WriteLine($"{scenario.Name}: {scenario.Title}");
            table.Add(scenario, await scenario.RunAsync(workspace, options.Runs));
        }
    }
    finally
    {
        await workspace.EndServerAsync();
    }

    Console.WriteLine(table.ToMarkdown(workspace, options.Runs));
    return 0;
}
catch (CommandFailedException failure)
{
    Console.Error.WriteLine(failure.Message);
    return 1;
}
