package plan

// ObjectStore says how an object store is reached that speaks S3. What is empty comes from where AWS's own tools take it: the
// environment, the shared files, the role of the machine or container.
type ObjectStore struct {
	Endpoint  string // a URL, or a host's name; "": AWS's own, or what AWS_ENDPOINT_URL_S3 says
	Region    string
	AccessKey string
	SecretKey string
	Token     string // of a session
	PathStyle bool   // the bucket stands in the path, not in the host's name
}
