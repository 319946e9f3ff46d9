using System.Text.Json;
using DockerDriver.Errors;

namespace DockerDriver.Tests.Errors;

public sealed class JsonErrorTextTests
{
    [Theory]
    [InlineData("nonsense", "at character 2 ('o'): 'nonsense' is an invalid JSON literal. Expected the literal 'null'")]
    [InlineData(
        "{\"a\":1,}", "at character 8 ('}'): The JSON object contains a trailing comma at the end which is not supported in this mode")]
    [InlineData("{\"é\": x}", "at character 7 ('x'): 'x' is an invalid start of a value")]
    [InlineData("{\n \"a\": 1\n \"b\": 2}",
        "line 3, at character 2 ('\"'): '\"' is invalid after a value. Expected either ',', '}', or ']'")]
    [InlineData("{\"a\": []", "at the end: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or "
        + "array that should be closed")]
    public void Describe_BrokenJson_SaysWhereAndWhyInOneLine(string text, string said)
    {
        var fault = Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(text));
        Assert.Equal(said, JsonErrorText.Describe(text, fault));
    }
}
